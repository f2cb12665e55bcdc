"""sql, search, explain, rejects: results on standard output, errors on standard error with an exit code."""

import csv
import io
import json

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


def test_sql_as_csv_is_safe_for_spreadsheets(capsys, home):
    _, out, _ = wirehouse(
        capsys, home, "sql", "select title, -1 as n, null as x from articles order by url", "--format", "csv"
    )
    assert list(csv.reader(io.StringIO(out))) == [
        ["title", "n", "x"],
        ["'=Formula", "-1", ""],
        ["Plain", "-1", ""],
    ]


def test_sql_from_standard_input(capsys, home, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("select 42 as answer;\n"))
    assert json.loads(wirehouse(capsys, home, "sql", "--format", "json")[1]) == [{"answer": 42}]


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


def test_explain_of_an_unknown_address(capsys, home):
    code, _, err = wirehouse(capsys, home, "explain", "https://nowhere.example/")
    assert code == 1
    assert "Nothing is known" in err


def test_search_command(capsys, home):
    code, out, _ = wirehouse(capsys, home, "search", "twelve", "--json")
    assert code == 0
    assert [row["url"] for row in json.loads(out)] == [url(1)]
    code, out, err = wirehouse(capsys, home, "search", "twelve", "nowhere", "--source", "alpha")
    assert (code, out) == (0, "")
    assert "No article matches" in err
    assert wirehouse(capsys, home, "search", "twelve", "--source", "beta")[0] == 2
    code, _, err = wirehouse(capsys, home, "search", "twelve OR")
    assert (code, err) == (2, "wirehouse: 'twelve OR': a word is missing at the end (position 10)\n")
    assert wirehouse(capsys, home, "search", "***")[0] == 2


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
