"""A feed that answers slowly does not delay the articles of the others, and loses none of its own."""

import threading
from functools import partial

import pytest

from tasks.poll import FeedPoller
from tests.support.behaviours import BehaviourServer, answer, fixed
from warehouse.store.connection import connect

WORDS = [
    "harbour",
    "board",
    "gate",
    "dispute",
    "engineers",
    "meeting",
    "winter",
    "storms",
    "residents",
    "pumps",
    "decision",
    "spring",
]


def page(title):
    """Return an article that no other site has."""
    paragraphs = "".join(
        f"<p>The {word} of {title} was discussed again on Monday by all who live near it, it said.</p>"
        for word in WORDS
    )
    head = f'<h1>{title}</h1><time datetime="2026-10-05T09:30:00Z">5 October 2026</time>'
    return answer(f"<html><title>{title}</title><body><article>{head}{paragraphs}".encode())


def feed(site):
    item = f"<item><title>News</title><link>{site.base}/page</link></item>"
    text = f'<rss version="2.0"><channel><title>T</title>{item}</channel></rss>'
    return answer(text.encode(), content_type="application/rss+xml")


@pytest.mark.usefixtures("prefect_api")
def test_a_slow_feed_does_not_delay_the_others(tmp_path, monkeypatch):
    from flows.ingest import ingest

    monkeypatch.setattr("flows.steps.FeedPoller", partial(FeedPoller, patience_s=0.1))
    fast_page_was_requested = threading.Event()

    def fast_page(request):
        fast_page_was_requested.set()
        yield page("Fast news")

    def slow_feed(request):
        fast_page_was_requested.wait(60)
        yield feed(slow) if fast_page_was_requested.is_set() else answer(b"", status="500 Too Late")

    with BehaviourServer() as fast, BehaviourServer() as slow:
        fast.behaviours |= {"/feed": fixed(feed(fast)), "/page": fast_page}
        slow.behaviours |= {"/feed": slow_feed, "/page": fixed(page("Slow news"))}
        (tmp_path / "sources.toml").write_text(
            "[fetch]\nfirst_byte_s = 60\n"
            + "".join(
                f'[[source]]\nname = "{name}"\ntitle = "{name}"\n[[source.feed]]\nurl = "{site.base}/feed"\n'
                f'[source.pace]\ndelay_s = 0\nallow = ["{site.authority}"]\n'
                for name, site in (("slow", slow), ("fast", fast))
            )
        )
        ingest(home=str(tmp_path / "home"), config=str(tmp_path / "sources.toml"))
    with connect(tmp_path / "home") as con:
        assert con.execute("select source, title from articles order by all").fetchall() == [
            ("fast", "Fast news"),
            ("slow", "Slow news"),
        ]
