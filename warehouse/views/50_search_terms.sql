-- Terms of texts and queries. The index is written with the same macros (warehouse/search/index.py), so both sides
-- always agree. When a statement in this file changes, the index is rebuilt; comments may change freely.

-- Fold case and marks that people omit when they type: Latin and Greek accents, Arabic alef forms and vowel signs,
-- Hebrew points, full-width forms, digits of other scripts, invisible characters. Not й, ї and kana marks: these
-- are letters of their own.
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

-- Terms of a text in order: words; for a run of Chinese, Japanese, Thai, Lao, Khmer or Burmese each pair of
-- neighbouring characters, and the last character alone.
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

-- A hash of a term, which a scan compares faster than the term.
create or replace macro core.search_term_key(term) as (md5_number_lower(term) & 4294967295)::uinteger;
