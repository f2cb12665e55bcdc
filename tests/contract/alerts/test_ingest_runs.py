"""What `wirehouse ingest` does for saved searches: with news, with nothing to do, and with a broken file."""

import pytest

from flows.cli import run
from tests.support.archived_pages import START, html, paragraphs
from tests.support.receivers import web_hook
from tests.support.small_site import SmallSite
from tests.support.warehouse_rows import store
from warehouse.store.connection import Home, connect, transaction

SEARCHES = """
feeds_folder = "feeds"
[[search]]
name = "district"
query = "district"
max_age_days = 36500
[[search.send]]
webhook = "env:HOOK"
when = "daily 07:00"
"""


def rss(base: str, numbers: range) -> bytes:
    items = "".join(f"<item><title>Story {n}</title><link>{base}/{n}</link></item>" for n in numbers)
    return f'<rss version="2.0"><channel><title>Herald</title>{items}</channel></rss>'.encode()


@pytest.fixture
def site():
    with SmallSite({}) as site:
        for n in range(2):
            page = html(f"Harbour story {n}", paragraphs(n), START)
            site.documents[f"/{n}"] = ("text/html; charset=utf-8", page)
        yield site


def test_a_digest_a_feed_and_a_mistake_in_the_file(site, tmp_path, monkeypatch, capsys):
    home = Home(tmp_path / "home")
    (tmp_path / "sources.toml").write_text(
        f'[[source]]\nname = "herald"\ntitle = "Herald"\n[[source.feed]]\nurl = "{site.base}/feed"\n'
        f'[source.pace]\ndelay_s = 0\nallow = ["127.0.0.1:{site.port}"]\n'
    )
    file = tmp_path / "searches.toml"
    file.write_text(SEARCHES + "colour = 'blue'\n")

    def ingest(*options: str) -> tuple[int, str]:
        places = ["--home", str(home.root), "--config", str(tmp_path / "sources.toml")]
        code = run(["ingest", *options, *places])
        return code, capsys.readouterr().err

    site.documents["/feed"] = ("application/rss+xml", rss(site.base, range(1)))
    for _ in ("a run with news", "an idle one"):  # articles are collected; the mistake is named each time
        code, said = ingest()
        assert code == 1, said
        assert "colour" in said
    with connect(home.root) as con:
        assert con.execute("select count(*) from articles").fetchall() == [(1,)]

    with web_hook() as hook:
        monkeypatch.setenv("HOOK", hook.url)
        file.write_text(SEARCHES)
        assert ingest()[0] == 0  # the search's first look is silent
        site.documents["/feed"] = ("application/rss+xml", rss(site.base, range(2)))
        assert ingest("--all")[0] == 0
        assert b"Harbour story 1" in (tmp_path / "feeds" / "district.atom").read_bytes()
        assert ingest()[0] == 0
        assert hook.messages == []  # it is not seven
        with store(home) as con, transaction(con):
            con.execute("update core.alert set due_at = now() - interval 1 minute")
        assert ingest()[0] == 0  # nothing was published
    assert [a["title"] for message in hook.messages for a in message["articles"]] == ["Harbour story 1"]
