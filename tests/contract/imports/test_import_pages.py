"""Saved pages: where each was saved from, which files of a folder are pages, and what stays out."""

import gzip
import json
import os
from datetime import UTC, datetime

import pytest

from flows.cli import run
from tests.support.archived_pages import html, paragraphs
from warehouse.store.connection import Home, connect

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
SAVED_AT = datetime(2026, 4, 1, 8, 30, tzinfo=UTC)
URL = "https://www.herald.example/2026/council"


def page(n=1, *, before=b"", head=b""):
    """Return an article's page, with what a program wrote before it and what its head declares."""
    return before + html(f"Council report {n}", paragraphs(n), AT).replace(b"</head>", head + b"</head>", 1)


def save(folder, name, content):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    os.utime(file, (SAVED_AT.timestamp(), SAVED_AT.timestamp()))
    return file


def wirehouse(capsys, tmp_path, *arguments):
    where = ("--home", str(tmp_path / "home"))
    code = run(["import", *map(str, arguments), *where])
    said = capsys.readouterr()
    return code, said.out, said.err


def stored(tmp_path):
    with connect(Home(tmp_path / "home")) as con:
        return con.execute("select url, source, title, fetched_at from articles order by url").fetchall()


MHTML = b"""From: <Saved by Blink>
Snapshot-Content-Location: %b
Subject: Council
Date: Wed, 1 Apr 2026 06:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="b"

--b
Content-Type: text/html
Content-Transfer-Encoding: 8bit
Content-Location: %b

%b
--b--
"""
BROWSER = b"<!-- saved from url=(0038)" + URL.encode() + b" -->\n"
SINGLE_FILE = (
    b"<!DOCTYPE html> <html><!--\n Page saved with SingleFile \n url: " + URL.encode() + b" \n"
    b" saved date: Wed Apr 01 2026 08:00:00 GMT+0200 (Central European Summer Time)\n-->"
)
HTTRACK = (
    b"<!-- Mirrored from www.herald.example/2026/council by HTTrack Website Copier/3.x [XR&CO'2014], "
    b"Wed, 01 Apr 2026 06:00:00 GMT -->\n"
)
AT_SIX = datetime(2026, 4, 1, 6, tzinfo=UTC)
CANONICAL = b'<link rel="canonical" href="' + URL.encode() + b'">'


@pytest.mark.parametrize(
    ("name", "content", "fetched_at"),
    [
        pytest.param("a.html", page(before=BROWSER), SAVED_AT, id="browser"),
        pytest.param("a.html", page(before=SINGLE_FILE), AT_SIX, id="SingleFile"),
        pytest.param("a.htm", page(before=HTTRACK), AT_SIX, id="HTTrack"),
        pytest.param("a.mhtml", MHTML % (URL.encode(), URL.encode(), page()), AT_SIX, id="MHTML"),
        pytest.param("a.html", page(head=CANONICAL), SAVED_AT, id="canonical URL"),
        pytest.param(
            "a.html",
            page(head=b'<meta property="og:url" content="%b">' % URL.encode()),
            SAVED_AT,
            id="og:url",
        ),
        pytest.param("a.html.gz", gzip.compress(page(before=BROWSER)), SAVED_AT, id="gzip"),
        pytest.param(
            "a.html",
            page(before=b"<!-- saved from url=(0014)about:internet -->", head=CANONICAL),
            SAVED_AT,
            id="no web address, but a canonical URL",
        ),
    ],
)
def test_a_page_knows_where_it_was_saved_from(capsys, tmp_path, name, content, fetched_at):
    save(tmp_path / "pages", name, content)
    code, out, _ = wirehouse(capsys, tmp_path, tmp_path / "pages")
    assert code == 0
    assert out.startswith("pages: 1 file: 1 new\n")
    ((url, source, title, at),) = stored(tmp_path)
    assert (url.removeprefix("http://").removeprefix("https://"), source) == (
        URL.removeprefix("https://"), "herald-example"
    )  # fmt: skip
    assert (title, at) == ("Council report 1", fetched_at)


def test_only_pages_of_a_folder_are_read_and_each_file_is_counted(capsys, tmp_path):
    folder = tmp_path / "pages"
    save(folder, "story.html", page(1, before=BROWSER))
    save(folder, "story_files/frame.html", page(2, before=BROWSER + b"2"))
    save(folder, "story_files/logo.png", b"png")
    save(folder, "Brücke-Dateien/frame.html", page(3, before=BROWSER))
    save(folder, "Brücke.html", page(4, head=CANONICAL.replace(b"council", b"bridge")))
    save(folder, "2026/deep.html", page(5, head=CANONICAL.replace(b"council", b"deep")))
    save(folder, ".hidden.html", page(6, before=BROWSER))
    save(folder, "notes.txt", b"notes")
    save(folder, "lost.html", page(7))
    code, out, _ = wirehouse(capsys, tmp_path, folder)
    assert code == 1
    assert out.splitlines()[0] == "pages: 5 files: 3 new, 1 rejected, 1 not HTML"
    assert [url.rpartition("/")[2] for url, *_ in stored(tmp_path)] == ["bridge", "council", "deep"]
    with connect(Home(tmp_path / "home")) as con:
        ((url, reason),) = con.execute("select url, reason from rejects").fetchall()
    assert url == (folder / "lost.html").as_uri()
    assert "lost.html: the page does not say where it was saved from" in reason
    again = wirehouse(capsys, tmp_path, folder)
    assert again[1].splitlines()[0] == "pages: 5 files: 3 stored before, 1 rejected, 1 not HTML"


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_list_says_where_pages_come_from(capsys, tmp_path, kind):
    folder = tmp_path / "pages"
    save(folder, "1.html", page(1))
    save(folder, "2/2.html", page(2, head=CANONICAL))
    rows = [
        ("1.html", f"{URL}/1", "2026-02-01T10:00:00Z"),
        ("2/2.html", f"{URL}/2", ""),
        ("gone.html", URL, ""),
    ]
    listed = tmp_path / f"urls.{kind}"
    if kind == "csv":
        listed.write_text("File,URL,fetched_at\n" + "".join(",".join(row) + "\n" for row in rows))
    else:
        names = ("file", "url", "fetched_at")
        listed.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows))
    code, out, errors = wirehouse(capsys, tmp_path, folder, "--urls", listed)
    assert code == 1
    assert out.startswith("pages: 2 files: 2 new\n")
    assert f"! urls.{kind} lists 1 file not found: gone.html" in errors
    assert [(url, at) for url, _, _, at in stored(tmp_path)] == [
        (f"{URL}/1", datetime(2026, 2, 1, 10, tzinfo=UTC)), (f"{URL}/2", SAVED_AT)
    ]  # fmt: skip


def test_pages_are_selected_by_host_and_a_dry_run_stores_nothing(capsys, tmp_path):
    folder = tmp_path / "pages"
    save(folder, "1.html", page(1, head=CANONICAL))
    save(folder, "2.html", page(2, head=CANONICAL.replace(b"herald", b"courier")))
    code, out, _ = wirehouse(capsys, tmp_path, folder, "--host", "courier.example", "--dry-run")
    assert (code, out) == (0, "pages: 2 files: 1 to load, 1 of other hosts\n")
    assert not (tmp_path / "home" / "state").exists()


@pytest.mark.parametrize(
    ("name", "content", "arguments", "message"),
    [
        pytest.param("a.txt", b"x", (), "is a folder without saved pages", id="no page"),
        pytest.param("a.html", page(), ("nowhere", "--dry-run"), "'nowhere': no such file", id="no folder"),
        pytest.param("a.html", page(), ("--urls", "urls.csv"), "'urls.csv': no such file", id="no list"),
        pytest.param("a.html", page(), ("--urls", "pages/a.csv"), "has no column file", id="no column"),
        pytest.param("a.html", page(), ("--urls", "pages/b.csv"), "row 1: 'nowhere' is no URL", id="no URL"),
    ],
)
def test_what_cannot_be_read_is_named(capsys, tmp_path, monkeypatch, name, content, arguments, message):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "pages", name, content)
    save(tmp_path / "pages", "a.csv", b"name,url\na,b\n")
    save(tmp_path / "pages", "b.csv", b"file,url\na.html,nowhere\n")
    code, _, said = wirehouse(capsys, tmp_path, "pages", *arguments)
    assert code == 2
    assert message in said
