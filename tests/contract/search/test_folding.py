"""The index and what pages mark fold text alike."""

import duckdb

from warehouse.store.migrate import find_views
from warehouse.text.folding import fold


def test_every_character_is_folded_as_the_index_folds_it():
    characters = [chr(code) for code in range(1, 0x20000) if not 0xD800 <= code <= 0xDFFF]
    (macros,) = [file for file in find_views() if "search_terms" in file.name]
    con = duckdb.connect()
    con.execute("create schema core")
    con.execute(macros.read_text(encoding="utf-8"))
    folded = con.execute("select core.search_fold(unnest($1::text[]))", [characters]).fetchall()
    con.close()
    assert [
        (hex(ord(c)), f, fold(c).text)
        for c, (f,) in zip(characters, folded, strict=True)
        if f != fold(c).text
    ] == []
