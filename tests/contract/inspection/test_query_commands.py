"""sql, search, explain, rejects: results on standard output, errors on standard error with an exit code."""

import csv
import io
import json
import zipfile
from xml.etree import ElementTree as ET

import feedparser
import pyarrow.parquet as pq
import pytest

from flows.cli import run
from tests.support.warehouse_rows import (
    HOUR,
    NOW,
    a_home,
    article,
    ask,
    entry,
    fetch,
    load,
    poll,
    polled,
    reject,
    url,
)
from warehouse.pages.pages import find_pending
from warehouse.publish import publish_snapshot

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = a_home(tmp_path_factory.mktemp("queries"))
    poll(home, polled(entry(1), entry(2), entry(3)))
    load(
        home,
        article(1, title="=Formula", body="It rained. Ten came."),
        article(2, title="Plain", authors=("A", "B")),
        fetches=(fetch(1), fetch(2)),
        rejects=(reject(3, next_try_at=NOW + 9 * HOUR),),
    )
    load(home, article(1, title="=Formula", body="It rained. Twelve came.", at=NOW + HOUR))
    publish_snapshot(home)
    return home


def wirehouse(capsys, home, *arguments):
    code = run([*arguments, "--home", str(home.root)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_sql_as_json_is_one_array_of_all_rows(capsys, home):
    code, out, err = wirehouse(
        capsys,
        home,
        "sql",
        "select url, published_at, authors from articles order by url",
        "--format",
        "json",
    )
    assert (code, err) == (0, "")
    assert json.loads(out) == [
        {"url": url(1), "published_at": "2026-11-01T12:00:00+00:00", "authors": []},
        {"url": url(2), "published_at": "2026-11-01T12:00:00+00:00", "authors": ["A", "B"]},
    ]


def test_sql_gives_more_rows_than_a_table_shows(capsys, home):
    code, out, _ = wirehouse(capsys, home, "sql", "select range as n from range(2500)", "--format", "json")
    assert code == 0
    assert [row["n"] for row in json.loads(out)] == list(range(2500))
    code, out, err = wirehouse(capsys, home, "sql", "select range as n from range(2500)")
    assert "999" in out
    assert "1000" not in out
    assert "first 1,000 rows" in err


def test_sql_without_rows(capsys, home):
    assert (
        json.loads(wirehouse(capsys, home, "sql", "select 1 as a where false", "--format", "json")[1]) == []
    )
    assert wirehouse(capsys, home, "sql", "select 1 as a where false", "--format", "csv")[1] == "a\n"


CELLS = "select title, -1 as n, null as x from articles order by url"


@pytest.mark.parametrize(("form", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_csv_has_the_data_unchanged_unless_a_spreadsheet_is_meant(capsys, home, form, delimiter):
    _, out, _ = wirehouse(capsys, home, "sql", CELLS, "--format", form)
    expected = [["title", "n", "x"], ["=Formula", "-1", ""], ["Plain", "-1", ""]]
    assert list(csv.reader(io.StringIO(out), delimiter=delimiter)) == expected
    _, out, _ = wirehouse(capsys, home, "sql", CELLS, "--format", form, "--spreadsheet-safe")
    expected[1][0] = "'=Formula"
    assert out.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(out[1:]), delimiter=delimiter)) == expected


def test_lines_and_markdown(capsys, home):
    _, out, _ = wirehouse(capsys, home, "sql", CELLS, "--format", "jsonl")
    assert [json.loads(line)["title"] for line in out.splitlines()] == ["=Formula", "Plain"]
    _, out, _ = wirehouse(capsys, home, "sql", "select 'a|b\nc' as \"x_y\"", "--format", "markdown")
    assert out == "| x\\_y |\n| --- |\n| a\\|b c |\n"


def test_a_file_has_the_format_of_its_name(capsys, home, tmp_path):
    for ending in ("csv", "tsv", "json", "jsonl", "md", "parquet", "xlsx"):
        file = tmp_path / f"result.{ending}"
        assert wirehouse(capsys, home, "sql", CELLS, "-o", str(file)) == (0, "", "")
        assert file.stat().st_size > 0
    assert pq.read_table(tmp_path / "result.parquet").to_pylist() == [
        {"title": "=Formula", "n": -1, "x": None},
        {"title": "Plain", "n": -1, "x": None},
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"result.{e}" for e in ("csv", "tsv", "json", "jsonl", "md", "parquet", "xlsx")
    )


def test_a_workbook_has_text_as_text_and_numbers_as_numbers(capsys, home, tmp_path):
    file = tmp_path / "result.xlsx"
    columns = "title, 'https://a.example/' as link, -1 as n, 12345678901234567890 as large, published_at"
    wirehouse(capsys, home, "sql", f"select {columns} from articles order by url limit 1", "-o", str(file))
    with zipfile.ZipFile(file) as parts:
        sheet = ET.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    cells = [
        (cell.get("t"), "".join(cell.itertext()))
        for cell in sheet.iter(f"{SHEET}c")
        if cell.get("r").endswith("2")
    ]
    assert cells == [
        ("inlineStr", "=Formula"), ("inlineStr", "https://a.example/"), (None, "-1"),
        ("inlineStr", "12345678901234567890"), ("inlineStr", "2026-11-01T12:00:00+00:00"),
    ]  # fmt: skip
    assert list(sheet.iter(f"{SHEET}f")) == list(sheet.iter(f"{SHEET}hyperlink")) == []


def test_a_feed_of_a_query(capsys, home):
    code, out, _ = wirehouse(
        capsys,
        home,
        "sql",
        "select title, url, article_id, published_at, source from articles",
        "--format",
        "atom",
    )
    feed = feedparser.parse(out)
    assert code == 0
    assert not feed.bozo
    assert {(entry.title, entry.link) for entry in feed.entries} == {("=Formula", url(1)), ("Plain", url(2))}
    assert {entry.published for entry in feed.entries} == {"2026-11-01T12:00:00Z"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(
            ["-o", "result.doc"], "the name 'result.doc' does not say a format", id="an unknown ending"
        ),
        pytest.param(["-o", "/nowhere/result.csv"], "Cannot write /nowhere/result.csv", id="no such folder"),
        pytest.param(
            ["--format", "json", "--spreadsheet-safe"], "expected csv or tsv", id="not a spreadsheet"
        ),
        pytest.param(["--format", "atom"], "the column 'title' is missing", id="no feed"),
        pytest.param(["--format", "xlsx"], "a cell has at most 32,767", id="a cell that is too long"),
        pytest.param(["--file", "question.sql"], "the query is given twice", id="two queries"),
    ],
)
def test_output_that_is_not_possible(capsys, home, options, words):
    code, out, err = wirehouse(capsys, home, "sql", "select repeat('x', 40000) as x", *options)
    assert (code, out) == (2, "")
    assert words in err


def test_a_failed_query_leaves_the_file_as_it_was(capsys, home, tmp_path):
    file = tmp_path / "result.csv"
    file.write_text("before")
    question = "select case when range = 5000 then error('no') else 'x' end as x from range(9000)"
    assert wirehouse(capsys, home, "sql", question, "-o", str(file))[0] == 2
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_sql_from_a_file(capsys, home, tmp_path):
    file = tmp_path / "question.sql"
    file.write_text("-- how many\nselect count(*) as n\nfrom articles;\n")
    assert json.loads(wirehouse(capsys, home, "sql", "--file", str(file), "--json")[1]) == [{"n": 2}]
    assert wirehouse(capsys, home, "sql", "--file", str(tmp_path / "none.sql"))[0] == 2


def test_printed_times_have_their_zone(capsys, home):
    _, out, _ = wirehouse(capsys, home, "sql", "select published_at, published_local from articles limit 1")
    assert "2026-11-01 12:00:00 UTC" in out
    assert "2026-11-01 12:00:00 " in out


def test_columns_that_do_not_fit_are_shown_one_field_a_line(capsys, home):
    _, out, _ = wirehouse(capsys, home, "sql", "select * from articles order by url")
    lines = [line.split() for line in out.splitlines()]
    assert lines[0][:2] == ["row", "1"]
    assert ["title", "=Formula"] in lines
    assert sum(line[:1] == ["row"] for line in lines) == 2


def test_sql_from_standard_input(capsys, home, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("select 42 as answer;\n"))
    assert json.loads(wirehouse(capsys, home, "sql", "--format", "json")[1]) == [{"answer": 42}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(
            b"\xff", "'q.sql' cannot be read: it is not UTF-8 (byte 0). Save it as UTF-8.", id="bytes"
        ),
        pytest.param(None, "'q.sql' cannot be read: it is a folder. Name a file in it.", id="folder"),
        pytest.param(" ;\n".encode("utf-8-sig"), "There is no query.", id="empty"),
    ],
)
def test_a_file_without_a_query_is_named_with_the_reason(capsys, home, monkeypatch, tmp_path, content, said):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "q.sql"
    file.mkdir() if content is None else file.write_bytes(content)
    code, out, err = wirehouse(capsys, home, "sql", "--file", "q.sql")
    assert (code, out) == (2, "")
    assert said in err
    assert "Errno" not in err


def test_a_query_may_begin_with_a_byte_order_mark(capsys, home, monkeypatch, tmp_path):
    file = tmp_path / "q.sql"
    file.write_text("select 42 as answer", "utf-8-sig")
    assert wirehouse(capsys, home, "sql", "--file", str(file), "--json")[:2] == (0, '[\n{"answer": 42}\n]\n')
    monkeypatch.setattr("sys.stdin", io.StringIO("\ufeffselect 42 as answer"))
    assert wirehouse(capsys, home, "sql", "--json")[:2] == (0, '[\n{"answer": 42}\n]\n')


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_a_query_from_standard_input_that_is_not_utf8_is_said(capsys, home, monkeypatch, errors):
    stdin = io.TextIOWrapper(io.BytesIO(b"select '\xff'"), "utf-8", errors)
    monkeypatch.setattr("sys.stdin", stdin)
    code, out, err = wirehouse(capsys, home, "sql")
    assert (code, out) == (2, "")
    assert err == "wirehouse: The query on standard input is not UTF-8. Save it as UTF-8.\n"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        pytest.param("selec 1", 'syntax error at or near "selec"', id="syntax"),
        pytest.param("select nothing from articles", "nothing", id="unknown column"),
        pytest.param("delete from core.article", "read-only", id="write"),
        pytest.param("select * from read_csv('/etc/passwd')", "disabled", id="file"),
        pytest.param("  ; ", "There is no query", id="empty"),
    ],
)
def test_bad_sql_is_exit_code_2(capsys, home, question, words):
    code, out, err = wirehouse(capsys, home, "sql", question)
    assert (code, out) == (2, "")
    assert words in err


def test_a_log_in_a_file_is_refused(capsys, home, tmp_path):
    question = f"call Enable_Logging(storage = 'file', storage_path = '{tmp_path}/log')"
    code, out, said = wirehouse(capsys, home, "sql", question)
    assert (code, out) == (2, "")
    assert "enable_logging() is not allowed here" in said


def test_a_question_that_takes_too_long_is_stopped(capsys, home):
    endless = "select count(*) from range(1000000000) as a, range(1000000) as b where a.range + b.range = -1"
    code, _, err = wirehouse(capsys, home, "sql", endless, "--timeout", "0.3")
    assert code == 2
    assert "took longer than 0.3 s" in err


@pytest.mark.parametrize("memory", ["lots", "5", "-1GB"])
def test_a_memory_limit_that_is_none(capsys, home, memory):
    assert wirehouse(capsys, home, "sql", "select 1", f"--memory={memory}")[0] == 2


@pytest.mark.parametrize("command", [["sql", "select 1"], ["search", "x"], ["explain", "https://a.example/"]])
def test_no_warehouse_yet_is_exit_code_3(capsys, tmp_path, command):
    code, out, err = wirehouse(capsys, a_home(tmp_path), *command)
    assert (code, out) == (3, "")
    assert "Load something first" in err


def test_a_repeated_column_is_not_lost(capsys, home):
    _, out, _ = wirehouse(capsys, home, "sql", "select 1 as a, 2 as a", "--format", "json")
    assert json.loads(out) == [{"a": 1, "a_1": 2}]


def test_explain_tells_all(capsys, home):
    code, out, _ = wirehouse(
        capsys, home, "explain", "http://news.example/1?utm_source=x", "--json", "--diff"
    )
    told = json.loads(out)
    assert code == 0
    assert told["article"]["url"] == url(1)
    assert [r["change"] for r in told["revisions"]] == ["first", "body"]
    assert [o["field"] for o in told["origins"]] == ["title"]
    assert len(told["fetches"]) == 1
    assert len(told["entries"]) == 1
    assert told["changes"] == [{"revision_no": 2, "added": ["Twelve came."], "removed": ["Ten came."]}]


def test_explain_tells_why_a_page_is_no_article(capsys, home):
    code, out, _ = wirehouse(capsys, home, "explain", url(3), "--json")
    told = json.loads(out)
    assert code == 0
    assert told["article"] is None
    assert told["rejects"][0]["reason"] == "Too slow."


def test_explain_of_what_is_not_a_url_is_wrong_usage(capsys, home):
    code, out, err = wirehouse(capsys, home, "explain", "news.example/1")
    assert (code, out) == (2, "")
    assert "'news.example/1': not a valid http(s) URL" in err


def test_explain_of_an_unknown_address(capsys, home):
    code, _, err = wirehouse(capsys, home, "explain", "https://nowhere.example/")
    assert code == 1
    assert "Nothing is known" in err


def test_search_command(capsys, home):
    code, out, _ = wirehouse(capsys, home, "search", "twelve", "--json")
    assert code == 0
    (row,) = json.loads(out)
    assert (row["url"], row["is_representative"]) == (url(1), True)
    assert row["story_id"] == row["article_id"]
    code, out, err = wirehouse(capsys, home, "search", "twelve", "nowhere", "--source", "alpha")
    assert (code, out) == (0, "")
    assert "No article matches" in err
    assert wirehouse(capsys, home, "search", "twelve", "--source", "beta")[0] == 2
    code, _, err = wirehouse(capsys, home, "search", "twelve OR")
    assert (code, err) == (2, "wirehouse: 'twelve OR': a word is missing at the end (position 10)\n")
    assert wirehouse(capsys, home, "search", "***")[0] == 2


@pytest.mark.parametrize(
    ("sql", "hint"),
    [
        pytest.param("select * from article", "There is no view 'article'. Did you mean 'articles'? ",
            id="view"),
        pytest.param("select body from articles", "'body' is a column of texts and of superseded. Join it",
            id="column of another view"),
        pytest.param("select a.body from articles as a", "'body' is a column of texts", id="with an alias"),
        pytest.param("select title", "Name a view after FROM.", id="no view"),
        pytest.param('select 1 from articles where source = "bbc"', "Text stands in single quotes ('bbc');",
            id="double quotes"),
        pytest.param("select * from read_csv('a.csv')", "A query reads no file and writes none;", id="file"),
        pytest.param("delete from core.article", "a temporary table can be created", id="change"),
        pytest.param("insert into articles values (1)", "temporary table can be created", id="view changed"),
        pytest.param("set memory_limit = '9GB'", "use the option --memory.", id="setting"),
        pytest.param("select 1 from articles limt 3", None, id="syntax: DuckDB says where"),
    ],
)  # fmt: skip
def test_errors_of_sql_say_what_to_do(capsys, home, sql, hint):
    code, _, err = wirehouse(capsys, home, "sql", sql)
    assert code == 2
    assert hint in err if hint else err.rstrip().endswith("^")


def test_search_finds_an_article_by_its_url(capsys, home):
    code, out, err = wirehouse(capsys, home, "search", f"{url(1)}?utm_source=rss#top", "--json")
    assert [row["url"] for row in json.loads(out)] == [url(1)]
    assert (code, err) == (0, "1 article in 1 story\n")
    code, out, err = wirehouse(capsys, home, "search", "https://news.example/9?a=1&b=2", "--json")
    assert (code, out) == (0, "[\n]\n")
    assert "No article with the URL 'https://news.example/9?a=1&b=2' is stored." in err
    assert "wirehouse explain 'https://news.example/9?a=1&b=2' shows" in err
    code, _, err = wirehouse(capsys, home, "search", "https://[news.example/")
    assert (code, "search for the whole URL and nothing else" in err) == (2, True)


def test_search_gives_totals_and_the_next_page(capsys, home):
    code, out, err = wirehouse(
        capsys, home, "search", "title:formula OR title:plain", "--limit", "1", "--json"
    )
    first = json.loads(out)
    assert code == 0
    assert err.startswith("2 articles in 2 stories; next: --after ")
    cursor = err.split()[-1]
    _, out, err = wirehouse(
        capsys, home, "search", "title:formula OR title:plain", "--limit", "1", "--json", "--after", cursor
    )
    assert {row["url"] for row in first + json.loads(out)} == {url(1), url(2)}
    assert err == "2 articles in 2 stories\n"
    code, _, err = wirehouse(capsys, home, "search", "plain", "--after", "x")
    assert (code, err) == (
        2,
        "wirehouse: --after: 'x' is not a cursor; use the one that the page before printed\n",
    )


def test_search_shows_times_in_the_zone_of_its_days(capsys, home):
    day = ["--since", "2026-11-01", "--until", "2026-11-01"]
    code, out, err = wirehouse(capsys, home, "search", "~formulas", *day)
    assert code == 0
    assert "published (page's zone)" in out
    assert "2026-11-01 12:00+00:00" in out
    assert err == "~formulas finds formulas, formula\n1 article in 1 story\n"


@pytest.mark.parametrize("ending", ["csv", "tsv", "json", "jsonl", "md", "parquet", "xlsx", "atom"])
def test_search_in_every_format(capsys, home, tmp_path, ending):
    file = tmp_path / f"result.{ending}"
    for words in ("twelve", "nowhere"):
        assert wirehouse(capsys, home, "search", words, "--lang", "unknown", "-o", str(file))[:2] == (0, "")
        assert file.stat().st_size > 0 or (words, ending) == ("nowhere", "jsonl")
    assert wirehouse(capsys, home, "search", "twelve", "--lang", "de", "--json")[1] == "[\n]\n"


def test_rejects_list_and_show(capsys, home):
    code, out, _ = wirehouse(capsys, home, "rejects", "list", "--json")
    (row,) = json.loads(out)
    assert code == 0
    assert (row["url"], row["attempts"], row["step"]) == (url(3), 1, "fetch")
    assert json.loads(wirehouse(capsys, home, "rejects", "show", row["reject_id"][:6], "--json")[1]) == [row]
    assert wirehouse(capsys, home, "rejects", "show", "nonsense")[0] == 2
    assert json.loads(wirehouse(capsys, home, "rejects", "list", "--json", "--step", "extract")[1]) == []


def test_rejects_retry_makes_them_due(capsys, tmp_path):
    home = a_home(tmp_path)
    load(home, rejects=(reject(1, next_try_at=NOW + 9 * HOUR), reject(2)))
    assert json.loads(wirehouse(capsys, home, "rejects", "retry", url(1), "--json")[1]) == {"marked": 1}
    assert ask(home, "select count(*) from rejects where next_try_at <= now()") == [(1,)]
    assert json.loads(wirehouse(capsys, home, "rejects", "retry", "--json")[1]) == {"marked": 2}
    from datetime import UTC, datetime

    from warehouse.store.connection import open_store

    with open_store(home, owner="test") as con:
        pending = find_pending(con, source_names=["alpha"], now=datetime.now(UTC), limit_per_source=9)
    assert len(pending) == 2
