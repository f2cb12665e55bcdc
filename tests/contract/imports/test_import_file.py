"""File imports: stored articles, rejects and their reasons; a second import changes nothing."""

import csv
import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

import tasks.imports.import_file
from flows.commands import imports
from flows.commands.inspection import urls
from tasks.archive.reader import iter_pages, read_page
from tasks.domain.articles.imported import parse_imported_page, source_name
from tasks.errors import UsageError
from tasks.imports.import_file import import_file
from tests.support.stories import cut, story
from warehouse.archive.files import FileArchive
from warehouse.errors import DiskFull
from warehouse.records.outcome import Batch, Counts
from warehouse.records.page import ArchiveRef, FetchReason, Page
from warehouse.store.connection import Home, connect

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {"url": "https://one.example.org/a?utm_source=x", "title": "A", "body": story(1),
        "source": "The One: News",
     "published": "2026-03-02T10:30:00+03:00", "language": "en"},
    {"url": "https://two.example.org/b", "title": "B", "body": cut(story(1), 8), "source": "Two",
     "published": "2026-03-03T23:00:00-05:00", "language": "en-GB"},
    {"url": "https://two.example.org/c", "title": "C", "body": story(3), "source": "Two",
     "published": "2026-03-04 08:15", "language": "de"},
    {"url": "https://two.example.org/d", "title": "D", "body": f"OSLO, March 5 (Reuters) - {story(4)}",
        "source": "",
     "published": "2026-03-05", "language": ""},
]  # fmt: skip


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    if ".jsonl" in path.name:
        text = "".join(json.dumps(row) + "\n" for row in rows)
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    elif path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def run(home: Path, path: Path) -> Counts:
    return import_file(Home(home), path, now=NOW)


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "rows.csv", "rows.parquet"])
def test_all_kinds_of_file_give_the_same_rows(tmp_path: Path, name: str) -> None:
    counts = run(tmp_path / "home", write(tmp_path / name, ROWS))
    assert (counts.n_entries, counts.n_new, counts.n_rejects, counts.n_duplicates) == (4, 4, 0, 1)
    with connect(tmp_path / "home") as con:
        rows = con.execute(
            "select url, source, source_title, source_credit, published_at, published_on, published_local,"
            " utc_offset_minutes, published_precision, language from articles order by url"
        ).fetchall()
    assert rows == [
        ("https://one.example.org/a?utm_source=x", "the-one-news", "The One: News", None,
         datetime(2026, 3, 2, 7, 30, tzinfo=UTC), date(2026, 3, 2), datetime(2026, 3, 2, 10, 30), 180,
             "minute", "en"),
        ("https://two.example.org/b", "two", "Two", None,
         datetime(2026, 3, 4, 4, tzinfo=UTC), date(2026, 3, 3), datetime(2026, 3, 3, 23), -300, "minute",
             "en"),
        ("https://two.example.org/c", "two", "Two", None,
         None, date(2026, 3, 4), datetime(2026, 3, 4, 8, 15), None, "minute", "de"),
        ("https://two.example.org/d", "two-example-org", "two-example-org", "Reuters",
         None, date(2026, 3, 5), None, None, "day", None),
    ]  # fmt: skip


def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    home, path = tmp_path / "home", write(tmp_path / "rows.jsonl", ROWS)
    run(home, path)
    pages = sorted((home / "pages").rglob("*.gz"))
    counts = run(home, path)
    assert (counts.n_new, counts.n_revised, counts.n_unchanged, counts.n_rejects) == (0, 0, 4, 0)
    assert sorted((home / "pages").rglob("*.gz")) == pages
    with connect(home) as con:
        assert con.execute("select count(*) from articles").fetchall() == [(4,)]
        assert con.execute("select count(*) from revisions").fetchall() == [(4,)]


def test_broken_characters_and_odd_types_stop_nothing(tmp_path: Path) -> None:
    odd: dict[str, Any] = {name: f"{value}\ud800\u0000" for name, value in ROWS[1].items()}
    odd |= {"published": 1767225600, "authors": ["A \ud800", 7, None], "extra": {"a": [1]}}
    home, path = tmp_path / "home", tmp_path / "odd.jsonl"
    path.write_text(json.dumps(odd) + "\n" + json.dumps({"url": 5, "body": ["x"], "source": {"a": 1}}) + "\n")
    counts = run(home, path)
    assert (counts.n_new, counts.n_rejects) == (1, 1)
    assert run(home, path).n_unchanged == 1
    with connect(home) as con:
        rows = con.execute("select title, source_title, published_on from articles").fetchall()
    assert rows == [("B", "Two", date(2026, 1, 1))]


def test_a_changed_row_is_a_revision(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, write(tmp_path / "one.jsonl", ROWS[:1]))
    counts = run(
        home, write(tmp_path / "two.jsonl", [{**ROWS[0], "body": story(1) + "\nOne more line of news."}])
    )
    assert (counts.n_new, counts.n_revised) == (0, 1)


def test_each_row_of_a_file_is_counted_once(tmp_path: Path) -> None:
    changed = {**ROWS[0], "body": story(1) + "\nOne more line of news."}
    path = write(tmp_path / "rows.jsonl", [ROWS[0], ROWS[0], changed, ROWS[1], {**ROWS[1], "body": ""}])
    counts = run(tmp_path / "home", path)
    found = (counts.n_entries, counts.n_new, counts.n_revised, counts.n_unchanged, counts.n_rejects)
    assert found == (5, 2, 1, 1, 1)
    with connect(tmp_path / "home") as con:
        assert con.execute("select count(*) from revisions").fetchall() == [(3,)]


def test_the_archive_keeps_each_row_and_gives_the_same_article_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, write(tmp_path / "rows.jsonl", ROWS))
    with connect(home) as con:
        rows = con.execute(
            "select archive_file, archive_offset, archive_length, content_sha256, published_raw, url"
            " from core.article order by url"
        ).fetchall()
    for (file, offset, length, sha256, raw, url), row in zip(rows, ROWS, strict=True):
        stored = read_page(FileArchive(home / "pages"), ArchiveRef(file, offset, length))
        assert json.loads(stored.body) == {name: value for name, value in row.items() if value}
        assert stored.request.reason is FetchReason.IMPORT
        page = Page(stored.request, url, 200, stored.fetched_at, ArchiveRef(file, offset, length), "")
        again = parse_imported_page(stored.body, page)
        assert (again.content_sha256, again.published and again.published.raw) == (sha256, raw)


BAD = [
    ("not json", "not valid JSON"),
    ("[1, 2]", "not a JSON object"),
    (json.dumps({**ROWS[0], "url": ""}), "The row has no URL"),
    (json.dumps({**ROWS[0], "url": "ftp://x/y"}), "not a valid http(s) URL"),
    (json.dumps({**ROWS[0], "body": " ... "}), "The row has no `body`"),
    (
        json.dumps({**ROWS[1], "url": "https://x.example.org/5", "published": "sometime"}),
        "is not a readable date",
    ),
    (json.dumps({**ROWS[0], "url": "https://x.example.org/6", "body": None}), "The row has no `body`"),
]


def test_bad_rows_are_rejects_with_their_number(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text("\n".join([json.dumps(ROWS[1]), *(line for line, _ in BAD)]) + "\n")
    counts = run(tmp_path / "home", path)
    assert (counts.n_new, counts.n_rejects) == (1, len(BAD))
    with connect(tmp_path / "home") as con:
        reasons = [row[0] for row in con.execute("select reason from core.reject").fetchall()]
    for number, (_, reason) in enumerate(BAD, 2):
        found = [said for said in reasons if said.startswith(f"Row {number} of bad.jsonl: ")]
        assert len(found) == 1, (number, reasons)
        assert reason in found[0]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet"])
def test_published_may_be_called_as_in_our_own_view(tmp_path: Path, name: str) -> None:
    rows = [
        {"published_at" if key == "published" else key: value for key, value in row.items()} for row in ROWS
    ]
    assert run(tmp_path / "home", write(tmp_path / name, rows)).n_new == 4
    with connect(tmp_path / "home") as con:
        found = con.execute("select published_on from articles order by url").fetchall()
    assert found[:2] == [(date(2026, 3, 2),), (date(2026, 3, 3),)]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv", "rows.parquet"])
def test_case_and_spaces_of_column_names_say_nothing(tmp_path: Path, name: str) -> None:
    known = {"url": "URL", "title": " Title ", "body": "Body", "published": "PUBLISHED", "source": "Source"}
    rows = [{"": "", **{known.get(key, key): value for key, value in row.items()}} for row in ROWS]
    assert run(tmp_path / "home", write(tmp_path / name, rows)).n_new == 4
    with connect(tmp_path / "home") as con:
        found = con.execute("select title, source_title, published_on from articles order by url").fetchall()
    assert found[:2] == [("A", "The One: News", date(2026, 3, 2)), ("B", "Two", date(2026, 3, 3))]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("a.txt", b"", "Name it .jsonl, .csv, .tsv or .parquet", id="unknown ending"),
        pytest.param("a.csv", b"title,text\nx,y\n", "has no column url and body", id="columns missing"),
        pytest.param("a.csv", b"", "'a.csv' is empty", id="empty"),
        pytest.param("a.csv", b"url,body,URL\nx,y,z\n", "the column url twice", id="a column twice"),
        pytest.param("a.parquet", b"no parquet", "is not a Parquet file", id="no Parquet"),
        pytest.param("a.jsonl.gz", b"no gzip", "cannot be read to its end", id="no gzip"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=message):
        run(tmp_path / "home", tmp_path / name)


def test_a_folder_is_not_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is a folder\. Name its files"):
        run(tmp_path / "home", tmp_path)


@pytest.mark.parametrize(
    ("title", "url", "name"),
    [
        ("The New York Times", "https://x.org", "the-new-york-times"),
        ("Le Progrès", "https://x.org", "le-progres"),
        ("朝日新聞", "https://www.asahi.example/a", "www-asahi-example"),
        ("", "", "unknown"),
    ],
)
def test_source_name(title: str, url: str, name: str) -> None:
    assert source_name(title, url) == name


def _app() -> typer.Typer:
    app = typer.Typer()
    app.command("import")(imports.import_articles)
    app.command("url")(urls.url)
    return app


def test_import_command_answers_and_exits_by_what_failed(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", ROWS)
    arguments = ["import", str(path), "--home", str(tmp_path / "home"), "--json"]
    done = CliRunner().invoke(_app(), arguments)
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "rows": 4, "new": 4, "revised": 0, "unchanged": 0, "duplicates": 1, "rejects": 0,
        "seconds": json.loads(done.stdout)["seconds"],
    }  # fmt: skip
    path.write_text(path.read_text() + "{}\n")
    failed = CliRunner().invoke(_app(), arguments)
    assert failed.exit_code == 1
    assert json.loads(failed.stdout)["rejects"] == 1


def test_url_command_reads_stdin_and_marks_bad_addresses() -> None:
    done = CliRunner().invoke(
        _app(),
        ["url", "--json", "https://www.example.org/a/", "-"],
        input="http://example.org/a?fbclid=1\nbad\n",
    )
    assert done.exit_code == 1
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"url": "https://www.example.org/a/", "url_key": "example.org/a"},
        {"url": "http://example.org/a?fbclid=1", "url_key": "example.org/a"},
        {"url": "bad", "url_key": None, "error": "not a valid http(s) URL"},
    ]


def test_url_command_explains() -> None:
    done = CliRunner().invoke(_app(), ["url", "https://m.example.org/a?utm_source=x"])
    assert done.exit_code == 0
    assert "key      example.org/a" in done.stdout
    assert "parameter utm_source dropped" in done.stdout


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv"])
def test_a_row_in_another_encoding_is_a_reject_and_the_others_are_stored(tmp_path: Path, name: str) -> None:
    rows = [ROWS[0], ROWS[2] | {"title": "Grüße"}]
    path = write(tmp_path / name, rows)
    utf8, escaped = "Grüße".encode(), b"Gr\\u00fc\\u00dfe"
    path.write_bytes(path.read_bytes().replace(utf8, b"Gr\xfc\xdfe").replace(escaped, b"Gr\xfc\xdfe"))
    counts = run(tmp_path / "home", path)
    assert (counts.n_new, counts.n_rejects) == (1, 1)
    with connect(tmp_path / "home") as con:
        ((reason,),) = con.execute("select reason from rejects").fetchall()
    assert "not UTF-8" in reason


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        pytest.param("body", {"html": "<p>x</p>"}, "body: not text but {'html'", id="an object"),
        pytest.param("title", ["a", "b"], "title: not text but ['a', 'b']", id="a list"),
        pytest.param("body", float("nan"), "has no `body`", id="NaN, as pandas writes a missing value"),
    ],
)
def test_a_value_that_is_not_text_is_a_reject(tmp_path: Path, column: str, value: Any, reason: str) -> None:
    counts = run(tmp_path / "home", write(tmp_path / "rows.jsonl", [ROWS[0] | {column: value}]))
    assert (counts.n_new, counts.n_rejects) == (0, 1)
    with connect(tmp_path / "home") as con:
        assert reason in con.execute("select reason from rejects").fetchall()[0][0]


def test_bytes_of_a_parquet_file_are_text_and_a_missing_title_is_none(tmp_path: Path) -> None:
    rows = [ROWS[0] | {"title": "Grüße".encode(), "body": story(1).encode()}]
    run(tmp_path / "home", write(tmp_path / "rows.parquet", rows))
    run(tmp_path / "home", write(tmp_path / "rows.jsonl", [ROWS[2] | {"title": float("nan")}]))
    with connect(tmp_path / "home") as con:
        found = con.execute("select title, body from articles join texts using (article_id) order by url")
        assert found.fetchall() == [("Grüße", story(1)), ("", story(3))]


def row(published: str) -> dict[str, Any]:
    return {"url": "https://one.example.org/a", "title": "A", "body": story(1), "published": published}


@pytest.mark.parametrize(
    ("published", "reason"),
    [
        pytest.param("1970-01-01T00:00:00Z", "is before 1990-01-01", id="epoch"),
        pytest.param("1989-12-31", "is before 1990-01-01", id="day before"),
        pytest.param("1990-01-01", None, id="earliest day"),
        pytest.param("yesterday", "is a relative date", id="relative"),
        pytest.param("3 hours ago", "is a relative date", id="hours ago"),
        pytest.param("2026-04-02T11:59:00Z", None, id="within a day"),
        pytest.param("2026-04-02T12:01:00Z", "is in the future", id="later"),
        pytest.param("2026-04-03", "is in the future", id="later day"),
        pytest.param("2099-01-01", "is in the future", id="far later"),
    ],
)
def test_a_date_that_cannot_be_is_a_reject(tmp_path: Path, published: str, reason: str | None) -> None:
    counts = run(tmp_path / "home", write(tmp_path / "rows.jsonl", [row(published)]))
    assert counts.n_rejects == (reason is not None)
    with connect(tmp_path / "home") as con:
        found = con.execute("select reason from rejects").fetchall()
    assert (not found) if reason is None else reason in found[0][0]


def test_the_earliest_date_can_be_set(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", [row("1923-05-01")])
    counts = import_file(Home(tmp_path / "home"), path, now=NOW, earliest_on=date(1900, 1, 1))
    assert (counts.n_new, counts.n_rejects) == (1, 0)


def test_a_full_disk_says_what_is_stored_and_the_retry_archives_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, path = tmp_path / "home", write(tmp_path / "rows.jsonl", ROWS)
    monkeypatch.setattr("tasks.imports.import_file.BATCH_ROWS", 2)
    store_articles, calls = tasks.imports.import_file.store_articles, []

    def full(con: duckdb.DuckDBPyConnection, batch: Batch) -> Counts:
        calls.append(batch)
        if len(calls) == 2:
            raise DiskFull("The disk is full.")
        return store_articles(con, batch)

    monkeypatch.setattr(tasks.imports.import_file, "store_articles", full)
    with pytest.raises(DiskFull, match=r"The first 2 rows of rows\.jsonl are stored \(2 new, 0 revised\)"):
        run(home, path)
    with connect(home) as con:
        assert con.execute("select count(*) from articles").fetchall() == [(2,)]
    run(home, path)
    with connect(home) as con:
        assert con.execute("select count(*) from articles").fetchall() == [(4,)]
    pages = [
        page.request.url_key
        for file in (home / "pages").rglob("*.warc.gz")
        for _, page in iter_pages(FileArchive(home / "pages"), file)
    ]
    assert len(pages) == len(set(pages)) == 4
