"""Feeds polled from a server into a warehouse: requests, stored rows, and times."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from tasks.domain.feeds.older import MAX_OLDER_PAGES
from tasks.domain.feeds.polling import FeedPoll
from tasks.http_client.client import HttpClient, Limits
from tasks.overlap import OverlapRecovery
from tasks.poll import FeedPoller, load_polls, poll_feeds
from tasks.workers.feed_parser import FeedParser
from tasks.workers.feed_reader import newest_parts
from tests.support.behaviours import BehaviourServer, answer, fixed, redirect
from warehouse.feed_states import find_feed_states
from warehouse.records.source import ArchiveRules, Feed, FeedKind, Source
from warehouse.runs import start_run
from warehouse.sources import load_sources
from warehouse.store.connection import Home, open_store

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LIMITS = Limits(connect_s=1, read_s=1, page_s=3, sitemap_s=3)


@pytest.fixture(scope="module")
def parser():
    with FeedParser(1) as running:
        yield running


@pytest.fixture
def server():
    with BehaviourServer() as running:
        yield running


class Poller:
    """Polls one feed of the server repeatedly, and keeps its state."""

    def __init__(self, folder, server, parser):
        self.server, self.parser, self.folder = server, parser, folder
        self.home = Home(folder / "home")
        self.kind = FeedKind.AUTO
        self.archive = ArchiveRules()

    def poll(self, path="/feed", now=NOW, load=True):
        feed = Feed(self.server.base + path, self.kind)
        allow = (self.server.authority,)
        source = Source("daily", "Daily", feeds=(feed,), delay_s=0.0, allow=allow, archive=self.archive)
        with open_store(self.home, owner="test") as con:
            load_sources(con, [source])
            run_id = start_run(con, "ingest")
            state = find_feed_states(con).get(feed.url)
        client = HttpClient(
            hosts_dir=self.folder / "hosts", contact=None, limits=LIMITS, sleep=lambda s: None
        )
        with client:
            polls = [FeedPoll(source, feed, state)]
            answered = list(zip(polls, poll_feeds(polls, client, now, self.parser), strict=True))
            answered = OverlapRecovery(self.home, client, self.parser, patience_s=60).recover_ready(
                answered, now
            )
        answers = [answer for _, answer in answered]
        return load_polls(self.home, run_id, polls, answers, now) if load else None

    def state(self):
        with open_store(self.home, owner="test") as con:
            return next(iter(find_feed_states(con).values()))

    def rows(self, query):
        with open_store(self.home, owner="test") as con:
            return con.execute(query).fetchall()

    def asked(self, path="/feed"):
        return [request for request in self.server.requests if request.path == path]


@pytest.fixture
def poller(tmp_path, server, parser):
    return Poller(tmp_path, server, parser)


def rss(*numbers, base="https://news.example"):
    items = "".join(
        f"<item><title>Item {n}</title><link>{base}/{n}</link><guid>{n}</guid>"
        f"<pubDate>Tue, 24 Nov 2026 {n:02}:00:00 GMT</pubDate></item>"
        for n in numbers
    )
    return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def test_entries_and_validators_are_stored_together_and_asked_with(poller, server):
    server.behaviours["/feed"] = fixed(
        answer(rss(1, 2), 'ETag: W/"\xe9"', content_type="application/rss+xml")
    )
    counts = poller.poll()
    assert (counts.n_entries, counts.n_not_modified) == (2, 0)
    assert poller.rows("select url, title from core.entry order by url") == [
        ("https://news.example/1", "Item 1"),
        ("https://news.example/2", "Item 2"),
    ]
    state = poller.state()
    assert state.next_due_at is not None
    assert NOW + timedelta(minutes=10) <= state.next_due_at <= NOW + timedelta(hours=24)
    assert state.next_due_reason

    server.behaviours["/feed"] = fixed(answer(b"", status="304 Not Modified"))
    counts = poller.poll(now=NOW + timedelta(hours=1))
    assert (counts.n_entries, counts.n_not_modified, counts.n_rejects) == (0, 1, 0)
    first, second = poller.asked()
    assert "if-none-match" not in first.headers
    assert second.headers["if-none-match"] == state.etag
    assert poller.rows("select outcome, reason from core.fetch order by started_at") == [
        ("ok", "poll"),
        ("not_modified", "poll"),
    ]


def test_what_was_not_loaded_is_not_hidden_behind_a_304(poller, server):
    server.behaviours["/feed"] = fixed(answer(rss(1), 'ETag: "1"'))
    poller.poll(load=False)
    poller.poll()
    assert all("if-none-match" not in request.headers for request in poller.asked())
    assert poller.rows("select count(*) from core.entry") == [(1,)]


def test_once_a_day_a_feed_is_asked_as_if_for_the_first_time(poller, server):
    server.behaviours["/feed"] = fixed(answer(rss(1), 'ETag: "1"'))
    for hours in (0, 23, 25):
        poller.poll(now=NOW + timedelta(hours=hours))
    assert ["if-none-match" in request.headers for request in poller.asked()] == [False, True, False]


@pytest.mark.parametrize(
    ("parts", "error_class"),
    [
        pytest.param(answer(b"", status="500 Oops"), "server_error", id="server error"),
        pytest.param(answer(b"<html><p>Hello</p></html>"), "not_a_feed", id="a page"),
        pytest.param(answer(b""), "empty", id="nothing"),
        pytest.param(answer(rss(1), length=9999), "truncated", id="cut"),
    ],
)
def test_a_feed_that_fails_is_a_reject_and_keeps_its_validators(parts, error_class, poller, server):
    server.behaviours["/feed"] = fixed(answer(rss(1), 'ETag: "1"'))
    poller.poll()
    server.behaviours["/feed"] = fixed(parts)
    assert poller.poll(now=NOW + timedelta(hours=1)).n_rejects == 1
    state = poller.state()
    assert (state.error_class, state.n_failures, state.etag) == (error_class, 1, '"1"')
    assert poller.rows("select step, error_class, url, next_try_at is not null from core.reject") == [
        ("poll", error_class, f"{server.base}/feed", True)
    ]


def test_links_that_lead_to_no_page_are_told_once(poller, server):
    links = ["javascript:alert(1)", "http://127.0.0.1:99999/port", "https://news.example/" + "x" * 100_000]
    items = "".join(f"<item><title>I</title><link>{link}</link></item>" for link in links)
    server.behaviours["/feed"] = fixed(answer(rss(1).replace(b"</channel>", f"{items}</channel>".encode())))
    assert poller.poll().n_rejects == 3
    query = "select step, error_class, left(url, 26), length(url), attempts from rejects order by url desc"
    told = [
        ("poll", "bad_url", "javascript:alert(1)", 19, 1),
        ("poll", "bad_url", "https://news.example/xxxxx", 8_192, 1),
        ("poll", "bad_url", "http://127.0.0.1:99999/por", 27, 1),
    ]
    assert poller.rows(query) == told
    assert poller.poll(now=NOW + timedelta(hours=1)).n_rejects == 0
    assert poller.rows(query) == told
    assert poller.rows("select status from feed_health") == [("ok",)]


def test_retry_after_is_the_least(poller, server):
    server.behaviours["/feed"] = fixed(answer(b"", "Retry-After: 40000", status="503 Busy"))
    poller.poll()
    state = poller.state()
    assert state.not_before_at == NOW + timedelta(seconds=40_000)
    assert state.next_due_at >= state.not_before_at


def test_a_slow_feed_does_not_hold_back_the_others(tmp_path, server, parser):
    with BehaviourServer() as slow:
        may_answer = threading.Event()

        def answer_late(request):
            may_answer.wait(10)
            yield answer(rss(2))

        slow.behaviours["/feed"] = answer_late
        server.behaviours["/feed"] = fixed(answer(rss(1)))
        polls = [
            FeedPoll(
                Source(name, name, delay_s=0.0, allow=(site.authority,)), Feed(f"{site.base}/feed"), None
            )
            for name, site in (("slow", slow), ("fast", server))
        ]
        limits = Limits(connect_s=10, read_s=10, page_s=20, first_byte_s=10)
        with HttpClient(hosts_dir=tmp_path / "hosts", contact=None, limits=limits) as client:
            poller = FeedPoller(client, parser, patience_s=2)
            first = poller.poll_ready(polls, NOW)
            assert [(poll.source.name, answer.outcome.value) for poll, answer in first] == [("fast", "ok")]
            assert poller.n_late == 1
            may_answer.set()
            late = poller.poll_ready((), NOW)
    assert [(poll.source.name, answer.outcome.value) for poll, answer in late] == [("slow", "ok")]
    assert poller.n_late == 0


def test_410_stops_a_feed(poller, server):
    server.behaviours["/feed"] = fixed(answer(b"", status="410 Gone"))
    poller.poll()
    state = poller.state()
    assert (state.stopped_at, state.next_due_at) == (NOW, None)


def test_a_permanent_redirect_is_believed_after_three_feeds(poller, server):
    server.behaviours["/feed"] = fixed(redirect("/new", "301 Moved"))
    server.behaviours["/new"] = fixed(answer(rss(1)))
    for hours in range(4):
        poller.poll(now=NOW + timedelta(hours=hours))
    assert len(poller.asked("/feed")) == 3
    assert len(poller.asked("/new")) == 4
    assert poller.state().moved_to_url == f"{server.base}/new"


def test_a_home_page_leads_to_the_feed_that_it_names(poller, server):
    home = (
        b'<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head><body></'
        b"body></html>"
    )
    server.behaviours["/"] = fixed(answer(home, 'ETag: "home"'))
    server.behaviours["/rss"] = fixed(answer(rss(1, 2), 'ETag: "rss"'))
    assert poller.poll("/").n_entries == 2
    assert poller.state().etag is None  # the home page's would hide the feed's news
    assert poller.state().moved_to_url == f"{server.base}/rss"


def test_the_newest_parts_of_a_sitemap_index_are_read(poller, server):
    def part(month):
        return f"<sitemap><loc>{server.base}/posts-2026-{month:02}.xml</loc></sitemap>"

    index = f"<sitemapindex>{''.join(part(month) for month in range(1, 12))}</sitemapindex>"
    server.behaviours["/sitemap.xml"] = fixed(
        answer(index.encode(), 'ETag: "i"', content_type="application/xml")
    )
    for month in range(1, 12):
        body = f"<urlset><url><loc>https://news.example/{month}</loc></url></urlset>"
        server.behaviours[f"/posts-2026-{month:02}.xml"] = fixed(
            answer(body.encode(), content_type="text/xml")
        )
    poller.kind = FeedKind.SITEMAP
    assert poller.poll("/sitemap.xml").n_entries == 4
    assert {url for (url,) in poller.rows("select url from core.entry")} == {
        f"https://news.example/{month}" for month in (8, 9, 10, 11)
    }
    assert poller.state().etag is None


def test_an_index_that_dates_its_parts_is_asked_by_its_validators(poller, server):
    part = f"<sitemap><loc>{server.base}/part.xml</loc><lastmod>2026-11-24</lastmod></sitemap>"
    index = f"<sitemapindex>{part}</sitemapindex>".encode()
    server.behaviours["/sitemap.xml"] = fixed(answer(index, 'ETag: "i"'))
    body = b"<urlset><url><loc>https://news.example/1</loc></url></urlset>"
    server.behaviours["/part.xml"] = fixed(answer(body, content_type="text/xml"))
    assert poller.poll("/sitemap.xml").n_entries == 1
    assert poller.state().etag == '"i"'


def test_newest_parts():
    parts = ["/post2.xml", "/post10.xml", "/pages.xml", "/news.xml", "/post1.xml"]
    assert newest_parts(parts) == ["/news.xml", "/post10.xml", "/post2.xml", "/post1.xml"]


# --- an overlap that is lost -----------------------------------------------------------------

LATER = NOW + timedelta(hours=11)
LINK = '<link xmlns="http://www.w3.org/2005/Atom" rel="{}" href="{}"/>'


def with_link(document, relation, href):
    return document.replace(b"<item>", LINK.format(relation, href).encode() + b"<item>", 1)


def numbers(poller):
    """Return the numbers of the entries that are stored."""
    return {int(url.rpartition("/")[2]) for (url,) in poller.rows("select url from core.entry")}


def serve(server, **documents):
    server.behaviours |= {f"/{path}": fixed(answer(body)) for path, body in documents.items()}


def test_older_pages_are_followed_until_something_is_known(poller, server):
    serve(server, feed=rss(2, 1))
    poller.poll()
    serve(
        server,
        feed=with_link(rss(22, 21), "next", "/older"),
        older=with_link(rss(20, 19), "prev-archive", "/oldest"),
        oldest=with_link(rss(14, 2, 0), "next", "/further"),
    )
    assert poller.poll(now=LATER).n_entries == 6
    assert numbers(poller) == {22, 21, 20, 19, 14, 2, 1}  # not 0: it is older than what is known
    assert not poller.state().overlap_lost
    assert poller.asked("/further") == []


def test_wordpress_pages_its_feeds(poller, server):
    generator = b"<generator>https://wordpress.org/?v=6.7</generator><item>"
    serve(server, feed=rss(1))
    poller.poll()
    newest = rss(22).replace(b"<item>", generator, 1)
    server.behaviours["/feed"] = lambda asked: iter(
        [answer(rss(15, 1) if asked.path.endswith("?paged=2") else newest)]
    )
    poller.poll(now=LATER)
    assert numbers(poller) == {22, 15, 1}
    assert not poller.state().overlap_lost


def test_numbered_pages_are_followed_from_the_first(poller, server):
    poller.archive = ArchiveRules(page_url=server.base + "/page{n}")
    serve(server, feed=rss(1))
    poller.poll()
    serve(server, feed=rss(22, 21), page1=rss(22, 21), page2=rss(20, 1))
    poller.poll(now=LATER)
    assert numbers(poller) == {22, 21, 20, 1}
    assert not poller.state().overlap_lost


def test_the_sitemap_gives_what_is_dated_since_the_last_poll(poller, server):
    poller.archive = ArchiveRules(sitemap=f"{server.base}/map")
    serve(server, feed=rss(1))
    poller.poll()
    urls = "".join(
        f"<url><loc>https://news.example/{n}</loc><lastmod>2026-11-24T{n:02}:00:00Z</lastmod></url>"
        for n in (22, 15, 3)
    )
    serve(server, feed=rss(22), map=f"<urlset>{urls}</urlset>".encode())
    poller.poll(now=LATER)
    assert numbers(poller) == {22, 15, 1}
    assert not poller.state().overlap_lost


@pytest.mark.parametrize(
    ("older", "searched"),
    [
        pytest.param(None, "/older could not be read: 127.0.0.1 answered 404 Not Found)", id="no older page"),
        pytest.param(rss(22, 21), ", and neither did 1 older page of it:", id="the same page again"),
        pytest.param(b"<html>Not a feed</html>", "/older could not be read: The document", id="no feed"),
    ],
)
def test_what_is_not_found_is_said(older, searched, poller, server, caplog):
    serve(server, feed=rss(1))
    poller.poll()
    serve(server, feed=with_link(rss(22, 21), "next", "/older"), **({"older": older} if older else {}))
    poller.poll(now=LATER)
    assert (numbers(poller), poller.state().overlap_lost) == ({22, 21, 1}, True)
    assert len(poller.asked("/older")) == 1
    assert "entries since 2026-11-24 12:00:00+00:00 may be missing" in caplog.text
    assert searched in caplog.text
    assert poller.rows("select status from feed_health") == [("overlap lost",)]


def test_a_feed_without_older_pages_says_what_may_name_some(poller, server, caplog):
    serve(server, feed=rss(1))
    poller.poll()
    serve(server, feed=rss(22, 21))
    poller.poll(now=LATER)
    assert (
        "no known entry, and it has no older pages ([source.archive] may name some): entries" in caplog.text
    )


def test_older_pages_that_are_slow_hold_back_no_other_feed(poller, server):
    serve(server, feed=rss(1))
    poller.poll()
    others_were_stored = threading.Event()

    def slow(request):
        others_were_stored.wait(60)
        yield answer(rss(15, 1))

    serve(server, feed=with_link(rss(22), "next", "/older"), other=rss(7))
    server.behaviours["/older"] = slow
    source = Source("daily", "Daily", delay_s=0.0, allow=(server.authority,))
    lost, other = (
        FeedPoll(source, Feed(server.base + path), poller.state() if path == "/feed" else None)
        for path in ("/feed", "/other")
    )
    client = HttpClient(hosts_dir=poller.folder / "hosts", contact=None, sleep=lambda s: None)
    with client:
        recovery = OverlapRecovery(poller.home, client, poller.parser, patience_s=0.1)
        answers = poll_feeds([lost, other], client, LATER, poller.parser)
        ready = recovery.recover_ready(list(zip([lost, other], answers, strict=True)), LATER)
        others_were_stored.set()
        assert [poll for poll, _ in ready] == [other]
        late = []
        while recovery.n_late:
            late += recovery.recover_ready([], LATER)
    ((poll, recovered),) = late
    assert (poll, recovered.is_recovered) == (lost, True)
    assert [entry.url.rpartition("/")[2] for entry in recovered.parsed.entries] == ["22", "15", "1"]


def test_a_chain_without_an_end_is_left_at_a_limit(poller, server):
    serve(server, feed=rss(1))
    poller.poll()
    pages = {
        f"page{n}": with_link(rss(20, base=f"https://news.example/{n}"), "next", f"/page{n + 1}")
        for n in range(1, 13)
    }
    serve(server, feed=with_link(rss(22), "next", "/page1"), **pages)
    poller.poll(now=LATER)
    assert sum(request.path.startswith("/page") for request in server.requests) == MAX_OLDER_PAGES
    assert poller.state().overlap_lost


def test_a_first_poll_and_a_sitemap_follow_nothing(poller, server):
    serve(server, feed=with_link(rss(22), "next", "/older"), older=rss(1))
    poller.poll()
    poller.kind, poller.archive = FeedKind.SITEMAP, ArchiveRules(page_url=server.base + "/older?{n}")
    for n in (3, 4):
        serve(server, map=f"<urlset><url><loc>https://news.example/{n}</loc></url></urlset>".encode())
        poller.poll("/map", now=NOW + timedelta(hours=n))
    assert {request.path for request in server.requests} <= {"/feed", "/map", "/robots.txt"}
