-- Full text in SQL: from search('climate "green deal" elect* -sport') order by score desc limit 20.
-- The index is written with the same macros (warehouse/search_index.py), so both sides always agree.

-- Fold case and what people leave out when they type: Latin and Greek accents, Arabic alef forms and
-- vowel signs, Hebrew points, full-width forms, digits of other scripts, invisible characters.
-- Not й, ї and kana marks: there the mark makes another letter.
create or replace macro core.search_fold(words) as
case
    when strlen(words) = length(words) then lower(words)
    else translate(
        lower(nfc_normalize(words)),
        'àáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąćĉċčďēĕėęěĝğġģĥĩīĭįĵķĺļľńņňōŏőŕŗřśŝşšţťũūŭůűųŵŷźżžơưǎǐǒǔǖǘǚǜǟǡǣǧǩǫǭǯǰǵǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȟȧȩȫȭȯȱȳḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕẖẗẘẙẛạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹάέήίΰϊϋόύώøłđıςёѐѝأإآٱىةکی０٠۰１١۱２٢۲３٣۳４٤۴５٥۵６٦۶７٧۷８٨۸９٩۹ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ'
            || chr(173) || chr(1600) || chr(1611) || chr(1612) || chr(1613) || chr(1614) || chr(1615)
            || chr(1616) || chr(1617) || chr(1618) || chr(1648) || chr(8203) || chr(8204) || chr(8205)
            || chr(8288) || chr(65279) || chr(1456) || chr(1457) || chr(1458) || chr(1459) || chr(1460)
            || chr(1461) || chr(1462) || chr(1463) || chr(1464) || chr(1465) || chr(1467) || chr(1468)
            || chr(1471) || chr(1473) || chr(1474) || chr(1479),
        'aaaaaaceeeeiiiinooooouuuuyyaaaccccdeeeeegggghiiiijklllnnnooorrrssssttuuuuuuwyzzzouaiouuuuuaaægkooʒjgnaæøaaeeiioorruusthaeooooyabbbcdddddeeeeefghhhhhiikkkllllmmmnnnnoooopprrrrsssssttttuuuuuvvwwwwwxxyzzzhtwyſaaaaaaaaaaaaeeeeeeeeiioooooooooooouuuuuuuyyyyαεηιυιυουωoldiσееиاااايهكي000111222333444555666777888999abcdefghijklmnopqrstuvwxyz'
    )
end;

-- Terms of a text in their order: words; of a run of Chinese, Japanese, Thai, Lao, Khmer or Burmese each
-- character with its follower, and the last alone.
create or replace macro core.search_words(words) as
regexp_extract_all(
    core.search_fold(words),
    '[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+|(?:[^\P{L}\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]|\p{N}|\p{Mn})+'
);

create or replace macro core.search_is_run(word) as
regexp_matches(word, '^[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]');

create or replace macro core.search_terms(words) as
case
    when strlen(words) = length(words) then core.search_words(words)
    else flatten([
        case when core.search_is_run(word) then [word[i:i + 1] for i in range(1, length(word) + 1)] else [word] end
        for word in core.search_words(words)
    ])
end;

-- A question: each part a word, a "phrase" or a prefix*; -part excludes. A word that gives several
-- terms (covid-19, 東京都) is a phrase. One row a term.
create or replace macro core.search_question(question) as table
with part as (
    select
        unnest(parts) as part,
        generate_subscripts(parts, 1) as part_no
    from (select regexp_extract_all(question, '-?"[^"]*"?|[^\s"]+') as parts)
),
word as (
    select
        part_no,
        starts_with(part, '-') and length(part) > 1 as is_excluded,
        regexp_matches(part, '[^*"]\*"?$') as is_prefix,
        core.search_terms(part) as terms
    from part
),
run as (
    -- the last character of a run stands alone in the index: a question needs it only when it is all there is
    select
        part_no,
        is_excluded,
        is_prefix or (len(terms) = 1 and core.search_is_run(terms[1])) as is_prefix,
        case
            when len(terms) > 1 and length(terms[-1]) = 1 and core.search_is_run(terms[-1]) then terms[:-2]
            else terms
        end as terms
    from word
)
select
    part_no,
    is_excluded,
    is_prefix and place = len(terms) as is_prefix,
    len(terms) as n_terms,
    place,
    terms[place] as term
from (
    select
        *,
        unnest(range(1, len(terms) + 1)) as place
    from run
);

-- Documents that fit, with their BM25 score: each word that is asked for has a bit, and a document fits
-- when it has them all.
create or replace macro core.search_documents(question) as table
with asked as materialized (
    select
        part_no,
        is_excluded,
        is_prefix,
        n_terms,
        place,
        term,
        case when is_excluded then 0::ubigint else 1::ubigint << (row_number() over (order by is_excluded, part_no, place) - 1) end as bit
    from core.search_question(question)
),
posting as materialized (
    select a.bit, a.part_no, a.place, a.n_terms, a.is_excluded, p.docs, p.weights
    from core.search_posting as p
    join asked as a on p.term = a.term
    where not a.is_prefix
    union all
    select a.bit, a.part_no, a.place, a.n_terms, a.is_excluded, p.docs, p.weights
    from core.search_posting as p
    join (from asked where is_prefix) as a on p.term >= a.term and p.term < a.term || chr(1114111)
),
rarity as (
    select
        bit,
        ln(1 + (greatest(any_value(n_documents), sum(len(docs))) - sum(len(docs)) + 0.5) / (sum(len(docs)) + 0.5)) as idf
    from posting
    cross join (select count(*) as n_documents from core.search_document)
    where not is_excluded
    group by bit
),
hit as (
    select
        p.bit,
        (r.idf * 2.2 / 255)::float as worth,
        unnest(p.docs) as doc_no,
        unnest(p.weights) as weight
    from posting as p
    join rarity as r on r.bit = p.bit
    where not p.is_excluded
),
candidate as (
    select doc_no, sum(worth * weight) as score
    from hit
    group by doc_no
    having bit_or(bit) = (select sum(bit) from asked)
),
phrase_hit as (
    select a.part_no, a.n_terms, a.place, a.is_excluded, unnest(p.docs) as doc_no, unnest(p.spots) as spots
    from core.search_posting as p
    join (from asked where n_terms > 1 and not is_prefix) as a on p.term = a.term
    union all
    select a.part_no, a.n_terms, a.place, a.is_excluded, unnest(p.docs) as doc_no, unnest(p.spots) as spots
    from core.search_posting as p
    join (from asked where n_terms > 1 and is_prefix) as a
        on p.term >= a.term and p.term < a.term || chr(1114111)
),
phrase as (
    select part_no, is_excluded, doc_no
    from (
        select part_no, n_terms, is_excluded, doc_no, place, unnest(spots)::integer - place as start
        from phrase_hit
        where doc_no in (select doc_no from candidate)
    )
    group by part_no, n_terms, is_excluded, doc_no, start
    having bit_count(bit_or(1::ubigint << place)) = n_terms
),
found_phrase as (
    select doc_no, count(distinct part_no) as n_found
    from phrase
    where not is_excluded
    group by doc_no
),
excluded as (
    select unnest(docs) as doc_no
    from posting
    where is_excluded and n_terms = 1
    union all
    select doc_no
    from phrase
    where is_excluded
)
select c.doc_no, c.score
from candidate as c
left join found_phrase as f on f.doc_no = c.doc_no
where
    coalesce(f.n_found, 0) = (select count(distinct part_no) from asked where n_terms > 1 and not is_excluded)
    and c.doc_no not in (select doc_no from excluded);

create or replace macro main.search(question) as table
select
    a.article_id,
    s.score,
    a.url,
    a.title,
    a.source,
    a.language,
    a.published_at,
    a.published_on,
    a.first_seen_at
from core.search_documents(question) as s
join core.search_document as d using (doc_no)
join core.article as a using (article_id);
