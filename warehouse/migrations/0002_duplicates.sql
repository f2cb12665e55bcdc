-- Duplicates: sampled shingles, links between articles, clusters and the ids that clusters had before.

create table core.fingerprint (
    hash ubigint not null,
    article_id uuid not null,
    published_on date,
    n_hashes smallint not null
);
comment on table core.fingerprint is 'Sampled shingles of each article, all revisions together; candidates for duplicates share one. No index: a scan inside the date window is faster';
comment on column core.fingerprint.hash is '40 bits of the hash of five tokens (ten characters in scripts without spaces), or of the whole text';
comment on column core.fingerprint.article_id is 'The article that has the shingle';
comment on column core.fingerprint.published_on is 'The article''s day, copied for the window; null when not known: such an article has exact copies only';
comment on column core.fingerprint.n_hashes is 'How many hashes the article has';

create table core.duplicate_link (
    article_a uuid not null,
    article_b uuid not null,
    relation text not null check (relation in ('exact', 'near', 'part_of', 'declared_syndication')),
    similarity double not null check (similarity between 0 and 1),
    jaccard double,
    prefix_jaccard double,
    containment double,
    lead double,
    entity_share double,
    number_share double,
    length_ratio double,
    evidence double,
    n_shared integer,
    longer uuid,
    part_from integer,
    part_to integer,
    found_as text not null,
    declared_by uuid,
    rule text not null,
    why text not null,
    load_id text,
    check (article_a < article_b)
);
comment on table core.duplicate_link is 'Two articles that carry the same story text, or part of it; one row a pair and relation, article_a < article_b';
comment on column core.duplicate_link.article_a is 'The smaller of the two article ids';
comment on column core.duplicate_link.article_b is 'The larger of the two article ids';
comment on column core.duplicate_link.relation is 'exact: equal token sequence; near: same story text; part_of: one is contained in the other; declared_syndication: one names the other as its original';
comment on column core.duplicate_link.similarity is 'How alike the texts are, 0 to 1; 1 for exact';
comment on column core.duplicate_link.jaccard is 'Jaccard similarity of the sets of three-token shingles; null when not measured';
comment on column core.duplicate_link.prefix_jaccard is 'The same against as much of the longer text as the shorter is long; null when not measured';
comment on column core.duplicate_link.containment is 'Share of the shorter text''s shingles found in the longer; null when not measured';
comment on column core.duplicate_link.lead is 'Share of one text''s opening found in the other''s first half, the better of both; null when not measured';
comment on column core.duplicate_link.entity_share is 'Share of names and figures in common, drawn to the middle where there are few; null when not measured';
comment on column core.duplicate_link.number_share is 'Share of figures in common, drawn to the middle where there are few; null when not measured';
comment on column core.duplicate_link.length_ratio is 'Tokens of the shorter by tokens of the longer; null when not measured';
comment on column core.duplicate_link.evidence is 'What the measures together say for one story text, at most 1; null when not measured';
comment on column core.duplicate_link.n_shared is 'Shingles that the two have in common; null when not measured';
comment on column core.duplicate_link.longer is 'The article with the longer text; null when not measured';
comment on column core.duplicate_link.part_from is 'Shingle of the longer text at which the common text begins; null when not measured';
comment on column core.duplicate_link.part_to is 'Shingle of the longer text before which it ends; null when not measured';
comment on column core.duplicate_link.found_as is 'Relation by the two texts alone; relation differs (near becomes part_of) where other articles show that the longer text is a digest';
comment on column core.duplicate_link.declared_by is 'The article that names the other as its original; null for other relations';
comment on column core.duplicate_link.rule is 'Version of the rule that decided';
comment on column core.duplicate_link.why is 'One sentence for people';
comment on column core.duplicate_link.load_id is 'The load that found the link first';

create table core.story_member (
    article_id uuid not null,
    story_id uuid not null
);
comment on table core.story_member is 'Articles that have copies, by story; an article without copies has no row and is a story of its own';
comment on column core.story_member.article_id is 'The article';
comment on column core.story_member.story_id is 'article_id of the story''s representative, the earliest published';

create table core.story_alias (
    old_story_id uuid not null,
    story_id uuid not null,
    changed_at timestamptz not null
);
comment on table core.story_alias is 'Ids that stories had before an earlier article of theirs arrived, or two stories proved to be one';
comment on column core.story_alias.old_story_id is 'The id that was given out earlier';
comment on column core.story_alias.story_id is 'The id that the story has now';
comment on column core.story_alias.changed_at is 'When the id moved';

create table core.syndication_claim (
    article_id uuid not null,
    original_id uuid not null
);
comment on table core.syndication_claim is 'Articles whose page declares an address of another site as canonical; a link once both are stored';
comment on column core.syndication_claim.article_id is 'The article that declares';
comment on column core.syndication_claim.original_id is 'article_id that the declared address has, stored or not';
