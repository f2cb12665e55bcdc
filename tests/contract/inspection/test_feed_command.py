"""`wirehouse feed`: what it prints, of files and of a local site."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from flows.cli import app
from tasks.errors import UsageError
from tests.support.small_site import SmallSite

RSS = (
    '<rss version="2.0"><channel><title>Example News</title><language>en-GB</language>'
    "<item><title>One &amp; only</title><link>/1</link><guid>g1</guid>"
    "<pubDate>Sat, 10 Jan 2026 16:58:00 +0300</pubDate></item>"
    "<item><title>No link</title></item></channel></rss>"
)


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def site() -> Iterator[SmallSite]:
    documents = {
        "/rss.xml": ("application/rss+xml", RSS.encode()),
        "/comments/feed": ("application/rss+xml", RSS.replace("One", "Comment").encode()),
    }
    with SmallSite(documents) as site:
        robots = (
            f"User-agent: *\nAllow: /\nSitemap: {site.base}/sitemap.xml\nsitemap: /news-sitemap.xml # news\n"
        )
        documents["/robots.txt"] = ("text/plain", robots.encode())
        yield site


def test_a_file_as_json_lines(tmp_path):
    file = tmp_path / "feed.xml"
    file.write_text(RSS)
    result = run("feed", file, "--json", "--url", "https://news.example/rss", "--home", tmp_path)
    report = json.loads(result.stdout)
    assert (report["id"], report["kind"], report["title"]) == (str(file), "rss", "Example News")
    one, two = report["entries"]
    assert (one["title"], one["link"], one["guid"]) == ("One & only", "https://news.example/1", "g1")
    assert one["published"] == "2026-01-10T13:58:00Z"
    assert (two["title"], two["link"], two["published"]) == ("No link", None, None)
    assert any("Item 2" in problem for problem in report["problems"])


def test_dates_without_a_zone_or_a_time(tmp_path):
    file = tmp_path / "feed.xml"
    dates = (
        "<pubDate>2026-01-10 16:58:00</pubDate>",
        "<pubDate>2026-01-10</pubDate>",
        "<pubDate>soon</pubDate>",
        "",
    )
    file.write_text(f"<rss>{''.join(f'<item><link>/1</link>{date}</item>' for date in dates)}</rss>")
    entries = json.loads(run("feed", file, "--json", "--home", tmp_path).stdout)["entries"]
    shown = [(e["published"], e["published_local"], e["published_precision"]) for e in entries]
    assert shown == [
        (None, "2026-01-10T16:58:00", "minute"),
        (None, "2026-01-10", "day"),
        (None, None, None),
        (None, None, None),
    ]


def test_a_file_for_people(tmp_path):
    file = tmp_path / "feed.xml"
    file.write_text(RSS)
    text = run("feed", file, "--home", tmp_path).stdout
    assert "rss, 2 entries" in text
    assert "2026-01-10T13:58:00Z  One & only" in text
    assert "(no link)" in text


def test_a_manifest_keeps_its_order_and_survives_every_line(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.xml").write_text(RSS)
    (tmp_path / "docs" / "b.xml").write_bytes(b"\x00\xff junk")
    lines = [
        {"id": "b", "path": "docs/b.xml", "url": None, "content_type": None},
        {"id": "a", "path": "docs/a.xml", "url": "https://news.example/x/rss", "content_type": "text/xml"},
        {"id": "missing", "path": "docs/c.xml"},
        {"id": "neither"},
        {"id": "nul", "path": "docs/\x00"},
    ]
    manifest = tmp_path / "m.jsonl"
    manifest.write_text("\n".join(map(json.dumps, lines)) + "\n{oops\n\n[]\n")
    result = run("feed", "--manifest", manifest, "--home", tmp_path, code=1)
    reports = [json.loads(line) for line in result.stdout.splitlines()]
    assert [r["id"] for r in reports] == ["b", "a", "missing", "neither", "nul", "line 6", "line 8"]
    assert [len(r["entries"]) for r in reports] == [0, 2, 0, 0, 0, 0, 0]
    assert all(r["problems"] for r in reports)
    assert reports[1]["entries"][0]["link"] == "https://news.example/1"


def test_an_address_is_fetched_as_its_source_says(tmp_path, site):
    config = tmp_path / "sources.toml"
    config.write_text(
        f'[[source]]\nname = "local"\ntitle = "L"\n[[source.feed]]\nurl = "{site.base}/rss.xml"\n'
        f'[source.pace]\ndelay_s = 0\nallow = ["127.0.0.1:{site.port}"]\n'
    )
    result = run("feed", f"{site.base}/rss.xml", "--json", "--config", config, "--home", tmp_path)
    assert json.loads(result.stdout)["entries"][0]["link"] == f"{site.base}/1"


def test_an_inner_address_is_refused_without_a_source(tmp_path, site):
    result = run("feed", f"{site.base}/rss.xml", "--json", "--home", tmp_path, code=1)
    assert json.loads(result.stdout)["kind"] is None
    assert site.requests == []


def test_nothing_named_is_told(tmp_path):
    with pytest.raises(UsageError, match="--manifest"):
        run("feed")
    with pytest.raises(UsageError, match="cannot be read"):
        run("feed", "--manifest", tmp_path / "none.jsonl")


def test_the_sample_corpus(tmp_path, corpus):
    folder = corpus / "feeds"
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    manifest = tmp_path / "m.jsonl"
    manifest.write_text(
        "".join(
            json.dumps({"id": c["file"], "path": str(folder / "data" / c["file"]), "url": c["base_url"]})
            + "\n"
            for c in truth
        )
    )
    reports = [
        json.loads(line)
        for line in run("feed", "--manifest", manifest, "--home", tmp_path).stdout.splitlines()
    ]
    wrong = [
        (case["file"], number, field)
        for case, report in zip(truth, reports, strict=True)
        for number, (expected, entry) in enumerate(zip(case["entries"], report["entries"], strict=True))
        for field in ("link", "published")
        if field in expected and not _same(expected[field], entry[field] or _midnight(field, entry))
    ]
    assert wrong == []


def _midnight(field: str, entry: dict) -> str | None:
    """The sample writes a day without a time as its midnight."""
    is_day = field == "published" and entry["published_precision"] == "day"
    return f"{entry['published_local']}T00:00:00Z" if is_day else None


def _same(expected: str | None, found: str | None) -> bool:
    return (expected or "").rstrip("/") == (found or "").rstrip("/")
