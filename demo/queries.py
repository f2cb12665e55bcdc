"""The queries that `wirehouse demo` shows, as an analyst would write them."""

BY_SOURCE = """
select a.source, any_value(a.source_title) as title, count(*) as articles,
  count(*) filter (not a.is_representative) as copies, count(a.published_at) as instants,
  string_agg(distinct a.language, ', ' order by a.language) as languages
from articles a
group by a.source
order by a.source
"""

ARTICLES = """
select a.title, a.published_at, a.source, c.title as duplicate_of
from articles a
left join articles c on c.article_id = a.story_id and not a.is_representative
where a.language = 'en' or a.source = 'oreanda'
order by a.n_copies desc, a.story_id, a.sort_at
limit 8
"""

REJECTS = """
select source, step, reason
from rejects
order by source, step, reason
"""

SHOWN = {
    "The stories of one day, without copies": """
select published_at, source, title
from articles
where is_representative and published_on = '2022-01-10'
order by sort_at
limit 5""",
    "Which source copies which": """
select a.source as earlier, c.source as later, count(*) as n_stories
from articles a
join articles c on c.story_id = a.article_id and c.article_id <> a.article_id
where a.is_representative
group by all
order by n_stories desc, earlier, later
limit 5""",
    "Where publication times were found, and where their time zone comes from": """
select source, published_from, zone_from, count(*) as n_articles, count(published_at) as n_instants
from articles
group by all
order by source, n_articles desc
limit 12""",
}
