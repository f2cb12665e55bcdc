"""`wirehouse sources add` and `sources try`: what they find on a local site, show and write."""

import json
import tomllib
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from flows.cli import app
from tasks.errors import UsageError
from tests.support.small_site import SmallSite

RSS = (
    '<rss version="2.0"><channel><title>Example News</title><language>en-GB</language>'
    "<item><title>One &amp; only</title><link>/1</link><guid>g1</guid>"
    "<pubDate>Sat, 10 Jan 2026 16:58:00 +0300</pubDate></item></channel></rss>"
)
HOME = (
    '<html lang="en-GB"><head><meta property="og:site_name" content="Example &quot;News&quot;">'
    '<link rel="alternate" type="application/rss+xml" href="/comments/feed">'
    '<link rel="alternate" type="application/rss+xml" href="/rss.xml">'
    '<link rel="alternate" type="application/rss+xml" href="/gone.xml"></head></html>'
)
NEWS_SITEMAP = (
    '<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>/2</loc><news:news>'
    "<news:title>Two</news:title><news:publication_date>2026-01-10</news:publication_date></"
    "news:news></url></urlset>"
)
INDEX = "<sitemapindex><sitemap><loc>/s1.xml</loc></sitemap></sitemapindex>"
ROBOTS = "User-agent: *\nAllow: /\nSitemap: /sitemap.xml\nsitemap: /news-sitemap.xml # news\n"
HARBOUR = "".join(
    f'<div class="teaser"><h3><a href="/news/{n}">Ferry number {n} returns to the harbour</a></h3>'
    f'<span class="when">{n} March 2026</span></div>'
    for n in (1, 2, 3, 4)
)
LISTING = (
    "<html><title>Harbour</title>"
    "<nav><ul><li><a href='/menu'>A menu entry as long as a headline</a></ul></nav>"
    f"<div id='main'>{HARBOUR}</div></html>"
)


@pytest.fixture
def site() -> Iterator[SmallSite]:
    documents = {
        "/": ("text/html", HOME.encode()),
        "/rss.xml": ("application/rss+xml", RSS.encode()),
        "/comments/feed": ("application/rss+xml", RSS.replace("One", "Comment").encode()),
        "/news-sitemap.xml": ("application/xml", NEWS_SITEMAP.encode()),
        "/sitemap.xml": ("application/xml", INDEX.encode()),
        "/robots.txt": ("text/plain", ROBOTS.encode()),
    }
    with SmallSite(documents) as site:
        yield site


@pytest.fixture
def run(tmp_path, site):
    """Return a call of `wirehouse sources`; its list is `sources.toml` in tmp_path."""

    def call(command, *arguments, code=0):
        where = ["--config", tmp_path / "sources.toml", "--home", tmp_path]
        where += ["--allow", f"127.0.0.1:{site.port}"]
        words = ["sources", command, *arguments, *where]
        result = CliRunner().invoke(app, [str(word) for word in words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return call


def listed(tmp_path):
    return tomllib.loads((tmp_path / "sources.toml").read_text())["source"]


def leave_only(site, page, **documents):
    """Make a site of one page and the documents given."""
    site.documents.clear()
    site.documents["/"] = ("text/html", page.encode())
    site.documents.update(documents)


def test_a_site_is_added_and_the_file_s_text_is_kept(tmp_path, site, run):
    config = tmp_path / "sources.toml"
    before = '# my list\n[defaults]\n\n[[source]]\nname = "other"   # kept\ntitle = "O"\n'
    config.write_text(before)
    result = run("add", site.base)
    text = config.read_text()
    assert text.startswith(before)
    assert text.endswith(result.stdout)
    added = tomllib.loads(text)["source"][1]
    assert (added["title"], added["language"]) == ('Example "News"', "en")
    assert [f["url"] for f in added["feed"]] == [
        f"{site.base}/rss.xml", f"{site.base}/comments/feed", f"{site.base}/news-sitemap.xml"
    ]  # fmt: skip
    assert added["archive"]["sitemap"] == f"{site.base}/sitemap.xml"
    assert f"{site.base}/gone.xml, which cannot be used" in result.stderr
    with pytest.raises(UsageError, match="already"):
        run("add", f"{site.base}/rss.xml")


def test_a_feed_s_address_is_enough(tmp_path, site, run):
    run("add", f"{site.base}/rss.xml", "--name", "mine")
    (added,) = listed(tmp_path)
    assert (added["name"], added["homepage"]) == ("mine", f"{site.base}/")
    assert added["feed"][0]["url"] == f"{site.base}/rss.xml"


def test_several_sites_at_once(tmp_path, site, run):
    urls = [f"{site.base}{path}" for path in ("/rss.xml", "/nothing", "/comments/feed")]
    result = run("add", *urls, code=1)
    assert [source["name"] for source in listed(tmp_path)] == ["127-0-0-1", "127-0-0-1-2"]
    assert f"{site.base}/nothing: " in result.stderr
    assert "2 sources of 3 added" in result.stderr
    with pytest.raises(UsageError, match="--name: names one source"):
        run("add", site.base, site.base, "--name", "mine")


def test_a_dry_run_writes_nothing(tmp_path, site, run):
    result = run("add", site.base, "--dry-run", "--json")
    assert json.loads(result.stdout)["feeds"][0]["n_entries"] == 1
    assert not (tmp_path / "sources.toml").exists()


def test_a_feed_where_feeds_often_lie(site, run):
    leave_only(site, "<html><title>Plain</title></html>", **{"/rss.xml": ("text/xml", RSS.encode())})
    result = run("add", site.base, "--dry-run")
    assert f'url = "{site.base}/rss.xml"' in result.stdout
    assert 'title = "Plain"' in result.stdout


def test_a_feed_that_fails_now_is_named_and_listed(tmp_path, site, run):
    leave_only(site, HOME.replace("/comments/feed", "/empty.xml"))
    site.documents["/empty.xml"] = ("text/xml", b"<rss><channel><title>E</title></channel></rss>")
    site.statuses["/rss.xml"] = 500
    result = run("add", site.base)
    assert [feed["url"] for feed in listed(tmp_path)[0]["feed"]] == [f"{site.base}/rss.xml"]
    assert f"The feed {site.base}/rss.xml is listed, although it cannot be read now: " in result.stderr
    assert "500" in result.stderr
    assert f"{site.base}/empty.xml, which has no entries" in result.stderr


def test_without_a_feed_the_plain_sitemap_is_listed(tmp_path, site, run):
    leave_only(
        site,
        LISTING,
        **{
            "/robots.txt": ("text/plain", b"Sitemap: /pages.xml"),
            "/pages.xml": ("text/xml", b"<urlset><url><loc>/a</loc></url></urlset>"),
        },
    )
    result = run("add", site.base)
    assert listed(tmp_path)[0]["feed"] == [{"url": f"{site.base}/pages.xml", "kind": "sitemap"}]
    assert f"Its sitemap {site.base}/pages.xml is used" in result.stderr


def test_without_a_feed_a_listing_is_proposed_and_written_when_confirmed(tmp_path, site, run):
    leave_only(site, LISTING)
    result = run("add", site.base, code=1)
    assert 'kind = "listing"\nitem = "div.teaser"\nlink = "h3 a"\ndate = "span.when"' in result.stdout
    assert "   1  2026-03-01            Ferry number 1 returns to the harbour" in result.stdout
    assert f"      {site.base}/news/4" in result.stdout
    assert "/menu" not in result.stdout
    assert "add --yes" in result.stderr
    assert not (tmp_path / "sources.toml").exists()
    run("add", site.base, "--yes")
    assert listed(tmp_path)[0]["feed"][0]["item"] == "div.teaser"


def test_a_site_without_feeds_is_not_added(tmp_path, site, run):
    leave_only(site, "<html><title>Plain</title></html>")
    result = run("add", site.base, code=1)
    assert "listing page" in result.stderr
    assert not (tmp_path / "sources.toml").exists()


def test_a_site_that_does_not_answer(run):
    with pytest.raises(UsageError, match=r"127\.0\.0\.1"):
        run("add", "http://127.0.0.1:9/")


def test_selectors_are_tried(tmp_path, site, run):
    leave_only(site, LISTING)
    result = run("try", site.base, "--item", "div.teaser", "--link", "h3 a", "--json")
    tried = json.loads(result.stdout)
    assert [entry["link"] for entry in tried["entries"]] == [f"{site.base}/news/{n}" for n in (1, 2, 3, 4)]
    assert tried["listing"]["date"] is None
    assert 'item = "div.teaser"' in run("try", site.base).stdout
    assert "matches nothing" in run("try", site.base, "--item", "div.other", code=1).stderr
    with pytest.raises(UsageError, match=r"--link: 'h3\[' is not a valid CSS selector"):
        run("try", site.base, "--item", "div", "--link", "h3[")
    assert not (tmp_path / "sources.toml").exists()
