-- Terms of texts and queries. The index is written with the same macros (warehouse/search/index.py), so both sides
-- always agree. When a statement in this file changes, the index is rebuilt; comments may change freely.

-- Fold case and marks that people omit when they type: Latin and Greek accents, Arabic alef forms and vowel signs,
-- Hebrew points, full-width forms, digits of other scripts, invisible characters. ß, æ and œ are the two letters that
-- are written for them elsewhere (Fussball in Switzerland, STRASSE, coeur). Not й, ї and kana marks: these are letters
-- of their own. No `||` and chr() here: each would be bound again for every word of a question.
create or replace macro core.search_fold(words) as
case
    when strlen(words) = length(words) then lower(words)
    else replace(replace(replace(translate(
        regexp_replace(
            lower(nfc_normalize(words)),
            '[\x{AD}\x{5B0}-\x{5B9}\x{5BB}\x{5BC}\x{5BF}\x{5C1}\x{5C2}\x{5C7}\x{640}\x{64B}-\x{652}\x{670}\x{200B}-\x{200D}\x{2060}\x{FEFF}]',
            '',
            'g'
        ),
        'àáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąćĉċčďēĕėęěĝğġģĥĩīĭįĵķĺļľńņňōŏőŕŗřśŝşšţťũūŭůűųŵŷźżžơưǎǐǒǔǖǘǚǜǟǡǣǧǩǫǭǯǰǵǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȟȧȩȫȭȯȱȳḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕẖẗẘẙẛạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹάέήίΰϊϋόύώøłđıςёѐѝأإآٱىةکی０٠۰１١۱２٢۲３٣۳４٤۴５٥۵６٦۶７٧۷８٨۸９٩۹ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ',
        'aaaaaaceeeeiiiinooooouuuuyyaaaccccdeeeeegggghiiiijklllnnnooorrrssssttuuuuuuwyzzzouaiouuuuuaaægkooʒjgnaæøaaeeiioorruusthaeooooyabbbcdddddeeeeefghhhhhiikkkllllmmmnnnnoooopprrrrsssssttttuuuuuvvwwwwwxxyzzzhtwyſaaaaaaaaaaaaeeeeeeeeiioooooooooooouuuuuuuyyyyαεηιυιυουωoldiσееиاااايهكي000111222333444555666777888999abcdefghijklmnopqrstuvwxyz'
    ), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')
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
