"""`wirehouse extract`: files, addresses, manifests; JSON lines on standard output."""

import gzip
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from flows.cli import run

TEXT = """<p>{n} The council of the town of Marsham has voted on the budget number {n}
after a debate of six hours.</p>
<p>Ring the newsroom at any hour of the day</p>
<p>Nobody was against the plan of the {n}th of May, the mayor said, and nobody had expected that.</p>"""
PAGE = """<html><head><title>Council votes on budget {n} ~ Marsham Post</title></head>
<body><div>0{n}.02.2022, 16:58</div>
<h1>Council votes on budget {n}</h1><div>Source: MARSHAM-NEWS</div>{text}<p>Comments</p></body></html>"""
CONFIG = """
[[source]]
name = "post"
title = "Marsham Post"
homepage = "https://post.example/"
language = "en"
timezone = "Europe/Moscow"
date_order = "dmy"
[[source.feed]]
url = "https://post.example/feed"
"""


def page(n: int) -> bytes:
    return PAGE.format(n=n, text=TEXT.format(n=n)).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for n in range(1, 5):
        (tmp_path / f"{n}.html").write_bytes(page(n))
    (tmp_path / "5.html.gz").write_bytes(gzip.compress(page(5)))
    (tmp_path / "sources.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_file_as_json(folder, capsys):
    code = run([
        "extract", str(folder / "1.html"), "--url", "https://post.example/1", "--json",
        "--source", "post", "--config", str(folder / "sources.toml"),
    ])  # fmt: skip
    (report,) = lines(capsys.readouterr().out)
    assert code == 0
    assert report["id"] == str(folder / "1.html")
    assert report["title"] == "Council votes on budget 1"
    assert report["published"] == "2022-02-01T16:58:00+03:00"
    assert report["published_precision"] == "minute"
    assert report["site"] == "Marsham Post"
    assert report["source_credit"] == "MARSHAM-NEWS"
    assert report["language"] == "en"
    assert (report["status"], report["reason"]) == ("ok", None)
    assert str(report["body"]).startswith("1 The council")


def test_a_file_for_reading(folder, capsys):
    assert run(["extract", str(folder / "5.html.gz"), "--url", "https://post.example/5"]) == 0
    shown = capsys.readouterr().out
    assert "Council votes on budget 5" in shown
    assert "2022-02-05T16:58:00" in shown  # no zone is known without a source: none is shown
    assert "+" not in shown.split("2022-02-05T16:58:00")[1].split("\n")[0]


def write_manifest(folder: Path) -> Path:
    entries = [
        {"id": f"p{n}", "path": name, "url": f"https://post.example/{n}", "fetched": "2022-02-10T08:00:00Z"}
        for n, name in enumerate(["1.html", "2.html", "3.html", "4.html", "5.html.gz"], 1)
    ]
    entries.append(
        {
            "id": "feed",
            "path": "1.html",
            "url": "https://other.example/1",
            "feed_published": "Tue, 01 Feb 2022 13:58:00 GMT",
        }
    )
    entries.append({"id": "lost", "path": "none.html", "url": "https://post.example/9"})
    entries.append({"id": "bad url", "path": "2.html", "url": "no address"})
    text = "\n".join([*map(json.dumps, entries), "", "no json", json.dumps({"id": "no path"})])
    manifest = folder / "manifest.jsonl"
    manifest.write_text(text, encoding="utf-8")
    return manifest


def test_a_manifest_gives_one_line_a_page_in_order(folder, capsys):
    code = run(["extract", "--manifest", str(write_manifest(folder))])
    found = {report["id"]: report for report in lines(capsys.readouterr().out)}
    assert code == 1  # some lines of the manifest failed
    assert list(found) == ["p1", "p2", "p3", "p4", "p5", "feed", "lost", "bad url", "line 10", "no path"]
    assert [found[f"p{n}"]["title"] for n in range(1, 6)] == [
        f"Council votes on budget {n}" for n in range(1, 6)
    ]
    assert found["p1"]["published"] == "2022-02-01T16:58:00"
    assert found["feed"]["published"] in ("2022-02-01T16:58:00+03:00", "2022-02-01T13:58:00+00:00")
    assert found["lost"]["status"] == found["line 10"]["status"] == found["no path"]["status"] == "failed"
    assert "cannot be read" in str(found["lost"]["reason"])
    assert found["bad url"]["status"] == "ok"


def test_lines_that_recur_over_a_site_leave_the_texts(folder, capsys):
    run(["extract", "--manifest", str(write_manifest(folder))])
    found = {report["id"]: report for report in lines(capsys.readouterr().out)}
    assert "Ring the newsroom" not in str(found["p1"]["body"])
    assert "Ring the newsroom" in str(found["feed"]["body"])  # the only page of its site teaches nothing


def test_a_page_that_gives_nothing_is_its_name_and_the_reason(folder, capsys):
    file = folder / "none.html"
    assert run(["extract", str(file), "--config", str(folder / "sources.toml")]) == 1
    reason = f"'{file}' cannot be read: no such file. Check the path."
    assert capsys.readouterr().out == f"{file}\n  failed: {reason}\n\n"


def test_a_refused_page_says_why(tmp_path, capsys):
    (tmp_path / "x.html").write_text("<title>Page not found</title><h1>Page not found</h1>", encoding="utf-8")
    assert run(["extract", str(tmp_path / "x.html"), "--json"]) == 1
    (report,) = lines(capsys.readouterr().out)
    assert report["status"] == "rejected"
    assert "not found" in report["reason"]
    assert report["body"] is None


@pytest.mark.parametrize("arguments", [["extract"], ["extract", "--manifest", "none.jsonl"]])
def test_bad_usage(arguments, capsys):
    assert run(arguments) == 2
    assert capsys.readouterr().out == ""


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = page(7) if self.path == "/7" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_address_is_fetched(folder, server, tmp_path, capsys):
    config = folder / "own.toml"
    config.write_text(CONFIG + f'[source.pace]\ndelay_s = 0\nallow = ["{server}"]\n', encoding="utf-8")
    arguments = ["--json", "--source", "post", "--config", str(config), "--home", str(tmp_path / "home")]
    assert run(["extract", f"http://{server}/7", *arguments]) == 0
    (report,) = lines(capsys.readouterr().out)
    assert report["title"] == "Council votes on budget 7"
    assert run(["extract", f"http://{server}/8", *arguments]) == 1
    (report,) = lines(capsys.readouterr().out)
    assert report["status"] == "failed"
    assert "404" in report["reason"]
