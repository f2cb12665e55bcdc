-- title: Rejects by reason
-- asks: Why did items fail, at which step, how often, and will they be tried again?
-- parameter source (text): Key of a source; empty: all.
select
    step,
    error_class,
    count(*) as n_rejects,
    count(distinct source) as n_sources,
    count(*) filter (next_try_at is not null) as n_to_retry,
    max(attempts) as most_attempts,
    min(reason) as for_example
from rejects
where $source::text is null or source = $source::text
group by step, error_class
order by n_rejects desc, step, error_class
