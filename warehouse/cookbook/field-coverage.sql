-- title: Field coverage
-- asks: What share of each source's articles has an instant, an author, an image, a section, ...?
-- parameter since (date): First day, as printed; empty: no limit.
select
    source,
    count(*) as n_articles,
    round(100 * count(published_at) / n_articles) as instant,
    round(100 * count(published_on) / n_articles) as day,
    round(100 * count(*) filter (len(authors) > 0) / n_articles) as author,
    round(100 * count(source_credit) / n_articles) as credit,
    round(100 * count(modified_at) / n_articles) as modified,
    round(100 * count(section) / n_articles) as section,
    round(100 * count(*) filter (len(tags) > 0) / n_articles) as tags,
    round(100 * count(image_url) / n_articles) as image,
    round(100 * count(description) / n_articles) as description
from articles
where $since::date is null or published_on >= $since::date
group by source
order by source
