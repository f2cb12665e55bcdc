-- The views in `main`: a stable interface for analysts (more columns may follow).

create view main.articles as
select
    a.article_id,
    a.url,
    a.source,
    s.title as source_title,
    s.country,
    a.source_credit,
    a.title,
    a.authors,
    a.author_kinds,
    a.language,
    a.published_at,
    a.published_on,
    a.published_local,
    a.utc_offset_minutes,
    a.published_precision,
    a.published_from,
    a.zone_from,
    a.dates_disagree,
    a.modified_at,
    a.first_seen_at,
    coalesce(a.published_at, a.published_on::timestamp at time zone 'UTC', a.first_seen_at) as sort_at,
    a.word_count,
    coalesce(m.story_id, a.article_id) as story_id,
    m.story_id is null or m.story_id = a.article_id as is_representative,
    coalesce(c.n_articles - 1, 0) as n_copies,
    a.n_revisions,
    a.gone_at,
    a.title_certainty,
    a.published_certainty,
    a.body_certainty,
    a.authors_certainty,
    a.is_partial,
    coalesce(a.body_from, 'page') as body_from,
    a.section,
    a.tags,
    a.image_url,
    a.description,
    a.site_name,
    a.dateline_place,
    a.direction,
    a.final_url,
    a.canonical_url,
    a.fetched_at,
    a.checked_at,
    a.extractor
from core.article as a
left join core.source as s on s.name = a.source
left join core.story_member as m on m.article_id = a.article_id
left join (
    select story_id, count(*) as n_articles
    from core.story_member
    group by story_id
) as c on c.story_id = m.story_id;

comment on view main.articles is 'One row per article. Start here; `where is_representative` counts each story once.';
comment on column main.articles.article_id is 'Key: first 128 bits of the sha256 of the normalised URL.';
comment on column main.articles.url is 'URL as the feed or file gave it; of several for one article the first by alphabet.';
comment on column main.articles.source is 'Key of its source.';
comment on column main.articles.source_title is 'Title of its source.';
comment on column main.articles.country is 'Country of its source, ISO 3166-1 alpha-2; null when not given.';
comment on column main.articles.source_credit is 'Whom the text is credited to ("Source: X", agency dateline); null without a credit.';
comment on column main.articles.title is 'Headline.';
comment on column main.articles.authors is 'Authors: people, or the house or desk where no person is named; empty when none is named.';
comment on column main.articles.author_kinds is 'Kind of each author: person or organisation; null when extracted before kinds were known.';
comment on column main.articles.language is 'ISO 639-1; null when not known.';
comment on column main.articles.published_at is 'Publication instant; null unless day, time and zone are known.';
comment on column main.articles.published_on is 'Publication day as printed, local; null when no day is known.';
comment on column main.articles.published_local is 'Publication time as printed, without zone; null when only the day is known.';
comment on column main.articles.utc_offset_minutes is 'Offset of published_local from UTC, minutes; null when no zone is known.';
comment on column main.articles.published_precision is 'minute or day; null when no day is known.';
comment on column main.articles.published_from is 'Where the date was found: json_ld, meta, feed, visible_text, url, ...; null without a date.';
comment on column main.articles.zone_from is 'Where the zone comes from: page, feed, source; null when none is known.';
comment on column main.articles.dates_disagree is 'True when the origins of the date differ by more than a day.';
comment on column main.articles.modified_at is 'Modification time according to the page; null when it gives none.';
comment on column main.articles.first_seen_at is 'When a feed first showed it or its page was first fetched, whichever is earlier.';
comment on column main.articles.sort_at is 'For ordering only: published_at, else the start of published_on, else first_seen_at.';
comment on column main.articles.word_count is 'Number of words in the body.';
comment on column main.articles.story_id is 'article_id of the representative of its story: the articles with the same text; its own when it has no copies.';
comment on column main.articles.is_representative is 'True for the one representative of each story.';
comment on column main.articles.n_copies is 'Number of other articles in the same story.';
comment on column main.articles.n_revisions is 'Number of different titles or texts so far.';
comment on column main.articles.gone_at is 'When its page was first found gone (404 or 410); null while it is available.';
comment on column main.articles.title_certainty is 'How sure the headline is: sure, likely or doubtful; null for imported rows and for articles of earlier rules.';
comment on column main.articles.published_certainty is 'How sure the day of publication is; doubtful also when none was found.';
comment on column main.articles.body_certainty is 'How sure the text is: sure, likely or doubtful.';
comment on column main.articles.authors_certainty is 'How sure the authors are; doubtful also when none were found.';
comment on column main.articles.is_partial is 'True when the page shows only the beginning of its text (paywall, or cut by a crawler); null for articles of earlier rules.';
comment on column main.articles.body_from is 'Where the text comes from: page, feed (the page could not be used, or the source prefers its feed) or import.';
comment on column main.articles.section is 'Section of the site according to the page; null when it names none.';
comment on column main.articles.tags is 'Keywords of the page; empty when it has none, null for articles of earlier rules.';
comment on column main.articles.image_url is 'URL of the page''s main image; null when it names none.';
comment on column main.articles.description is 'The page''s own summary; null when it has none.';
comment on column main.articles.site_name is 'Publisher according to the page; null when it names none.';
comment on column main.articles.dateline_place is 'Place in the dateline; null when there is none.';
comment on column main.articles.direction is 'Reading direction: ltr, rtl.';
comment on column main.articles.final_url is 'URL after redirects; null when not known.';
comment on column main.articles.canonical_url is 'Canonical URL that the page declares; null when it declares none.';
comment on column main.articles.fetched_at is 'When the current page was fetched.';
comment on column main.articles.checked_at is 'When its page was last requested, whatever the outcome.';
comment on column main.articles.extractor is 'Name and version of the extraction rules.';

create view main.texts as
select
    article_id,
    coalesce(cleaned_body, body) as body,
    coalesce(nullif(regexp_extract(coalesce(cleaned_body, body), '[^\n]{41,500}'), ''), left(coalesce(cleaned_body, body), 500)) as lead
from core.article_text;

comment on view main.texts is 'The current text of each article, in a view of its own so that counting does not read it.';
comment on column main.texts.article_id is 'The article.';
comment on column main.texts.body is 'Its text, one paragraph per line, without recurring lines of the source (see removed_lines).';
comment on column main.texts.lead is 'The beginning of the text: its first line of more than 40 characters, 500 at most.';

create view main.revisions as
select
    r.article_id,
    a.url,
    r.revision_no,
    r.change,
    r.title,
    r.seen_at,
    r.last_seen_at,
    r.modified_at,
    r.word_count,
    r.content_sha256,
    r.content_sha256 = a.content_sha256 and r.title = a.title as is_current,
    r.archive_file,
    r.archive_offset
from core.revision as r
join core.article as a using (article_id, seen_on);

comment on view main.revisions is 'Each version of an article: a title and a text.';
comment on column main.revisions.article_id is 'The article.';
comment on column main.revisions.url is 'URL of the article.';
comment on column main.revisions.revision_no is 'Number among the revisions of the article by seen_at, from 1.';
comment on column main.revisions.change is 'Difference to the revision before: first, body, title, both.';
comment on column main.revisions.title is 'Headline of this revision.';
comment on column main.revisions.seen_at is 'When it was first fetched.';
comment on column main.revisions.last_seen_at is 'When it was last fetched.';
comment on column main.revisions.modified_at is 'Modification time according to the page; null when it gave none.';
comment on column main.revisions.word_count is 'Number of words in this text.';
comment on column main.revisions.content_sha256 is 'Hash of this text''s normalised tokens.';
comment on column main.revisions.is_current is 'True for the current revision.';
comment on column main.revisions.archive_file is 'Archive file with its page; null when there is none.';
comment on column main.revisions.archive_offset is 'Offset of the record in that file, bytes; null when there is none.';

create view main.origins as
select
    o.article_id,
    o.field,
    case when o.field = 'title' and o.value = '' then a.title else o.value end as value,
    o.origin,
    o.evidence,
    o.chosen
from core.field_origin as o
left join core.article as a
    on a.article_id = o.article_id and a.seen_on = o.seen_on and o.field = 'title' and o.value = '';

comment on view main.origins is 'The values that were found for each field of an article, with their origin, and which was chosen.';
comment on column main.origins.article_id is 'The article.';
comment on column main.origins.field is 'title, published, modified, authors, source_credit, site_name, language, body.';
comment on column main.origins.value is 'The value, at most 500 characters.';
comment on column main.origins.origin is 'Where it was found: json_ld, meta, feed, visible_text, ...';
comment on column main.origins.evidence is 'The text or markup with the value, truncated.';
comment on column main.origins.chosen is 'True for the value that the article has.';

create view main.links as
select article_id, position, kind, url, text
from core.article_link;

comment on view main.links is 'Images and outgoing links of an article''s current body.';
comment on column main.links.article_id is 'The article.';
comment on column main.links.position is 'Place in the body, from 0.';
comment on column main.links.kind is 'image or link.';
comment on column main.links.url is 'Target URL, absolute.';
comment on column main.links.text is 'Link text or image caption; null when there is none.';
