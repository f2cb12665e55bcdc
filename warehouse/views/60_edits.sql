-- Changes of articles after they were first fetched, sentence by sentence.

create view main.edits as
with version as (
    select
        r.article_id,
        r.revision_no,
        r.change,
        r.title,
        r.seen_at,
        r.modified_at,
        list_filter(
            string_split(
                regexp_replace(
                    coalesce(r.body, t.body),
                    '([.!?…]["»”’)]*)\s+|([。！？][」』]*)|\n',
                    '\1\2' || chr(31),
                    'g'
                ),
                chr(31)
            ),
            lambda s: trim(s) <> ''
        ) as sentences
    from core.revision as r
    left join core.article_text as t using (article_id, seen_on)
    where r.article_id in (select article_id from core.article where n_revisions > 1)
),
pair as (
    select
        *,
        lag(title) over w as title_before,
        lag(modified_at) over w as modified_before_at,
        lag(sentences) over w as sentences_before
    from version
    window w as (partition by article_id order by revision_no)
),
difference as (
    select
        *,
        list_filter(sentences, lambda s: not list_contains(sentences_before, s)) as came,
        list_filter(sentences_before, lambda s: not list_contains(sentences, s)) as went
    from pair
    where revision_no > 1
),
matched as (
    select
        *,
        list_filter(
            list_transform(
                came,
                lambda c: struct_pack(
                    before := list_filter(went, lambda g: jaro_winkler_similarity(g, c) >= 0.85)[1],
                    after := c
                )
            ),
            lambda p: p.before is not null
        ) as changed
    from difference
)
select
    m.article_id,
    a.url,
    a.source,
    m.revision_no,
    m.change,
    m.seen_at,
    m.modified_at,
    m.title_before,
    m.title,
    m.changed,
    list_filter(m.came, lambda c: not list_contains(list_transform(m.changed, lambda p: p.after), c)) as added,
    list_filter(m.went, lambda g: not list_contains(list_transform(m.changed, lambda p: p.before), g)) as removed,
    m.modified_at is null or m.modified_at is not distinct from m.modified_before_at as is_stealth
from matched as m
join core.article as a using (article_id);

comment on view main.edits is 'Each change of an article after it was first fetched, with the sentences that differ.';
comment on column main.edits.article_id is 'The article.';
comment on column main.edits.url is 'URL of the article.';
comment on column main.edits.source is 'Key of its source.';
comment on column main.edits.revision_no is 'The revision after the change, from 2.';
comment on column main.edits.change is 'What changed: body, title, both.';
comment on column main.edits.seen_at is 'When the change was first observed.';
comment on column main.edits.modified_at is 'Modification time according to the page; null when it gives none.';
comment on column main.edits.title_before is 'Headline before the change.';
comment on column main.edits.title is 'Headline after the change.';
comment on column main.edits.changed is 'Reworded sentences, as {before, after}.';
comment on column main.edits.added is 'Added sentences.';
comment on column main.edits.removed is 'Removed sentences.';
comment on column main.edits.is_stealth is 'True when the page has no new modification time for the change.';

create view main.edited_articles as
select
    article_id,
    any_value(url) as url,
    any_value(source) as source,
    arg_max(title, revision_no) as title,
    count(*) as n_edits,
    count(*) filter (where is_stealth) as n_stealth_edits,
    max(seen_at) as last_edit_at
from main.edits
group by article_id;

comment on view main.edited_articles is 'Articles that changed after they were first fetched.';
comment on column main.edited_articles.article_id is 'The article.';
comment on column main.edited_articles.url is 'URL of the article.';
comment on column main.edited_articles.source is 'Key of its source.';
comment on column main.edited_articles.title is 'Current headline.';
comment on column main.edited_articles.n_edits is 'Number of observed changes.';
comment on column main.edited_articles.n_stealth_edits is 'Number of changes without a new modification time on the page.';
comment on column main.edited_articles.last_edit_at is 'When the last change was observed.';

create view main.stealth_edits as
select article_id, url, source, revision_no, change, seen_at, title_before, title, changed, added, removed
from main.edits
where is_stealth;

comment on view main.stealth_edits is 'Changes without a new modification time on the page.';
comment on column main.stealth_edits.article_id is 'The article.';
comment on column main.stealth_edits.url is 'URL of the article.';
comment on column main.stealth_edits.source is 'Key of its source.';
comment on column main.stealth_edits.revision_no is 'The revision after the change, from 2.';
comment on column main.stealth_edits.change is 'What changed: body, title, both.';
comment on column main.stealth_edits.seen_at is 'When the change was first observed.';
comment on column main.stealth_edits.title_before is 'Headline before the change.';
comment on column main.stealth_edits.title is 'Headline after the change.';
comment on column main.stealth_edits.changed is 'Reworded sentences, as {before, after}.';
comment on column main.stealth_edits.added is 'Added sentences.';
comment on column main.stealth_edits.removed is 'Removed sentences.';
