-- The day on which an article was first seen, beside each row that is looked up by article: a lake keeps a file a
-- day of these tables, and a look-up by article and day opens the files of that day alone.
alter table core.article add column seen_on date;
alter table core.article_text add column seen_on date;
alter table core.revision add column seen_on date;
alter table core.field_origin add column seen_on date;
alter table core.fingerprint add column seen_on date;
comment on column core.article.seen_on is 'UTC day of first_seen_at.';
comment on column core.article_text.seen_on is 'seen_on of the article.';
comment on column core.revision.seen_on is 'seen_on of the article.';
comment on column core.field_origin.seen_on is 'seen_on of the article.';
comment on column core.fingerprint.seen_on is 'seen_on of the article.';
-- lake: alter table core.article set partitioned by (seen_on);
-- lake: alter table core.article_text set partitioned by (seen_on);
-- lake: alter table core.revision set partitioned by (seen_on);
-- lake: alter table core.field_origin set partitioned by (seen_on);
-- lake: alter table core.fingerprint set partitioned by (seen_on);
update core.article set seen_on = cast(timezone('UTC', first_seen_at) as date);
update core.article_text as t set seen_on = a.seen_on from core.article as a where t.article_id = a.article_id;
update core.revision as t set seen_on = a.seen_on from core.article as a where t.article_id = a.article_id;
update core.field_origin as t set seen_on = a.seen_on from core.article as a where t.article_id = a.article_id;
update core.fingerprint as t set seen_on = a.seen_on from core.article as a where t.article_id = a.article_id;
