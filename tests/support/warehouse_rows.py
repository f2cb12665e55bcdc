"""Small batches for warehouse tests: one source, entries and articles by number."""

import atexit
import shutil
import tempfile
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import duckdb

from warehouse.articles import Loaded, load_batch
from warehouse.feeds import load_polls
from warehouse.records.article import Article, Candidate, Link, Moment, Precision
from warehouse.records.feed import FeedEntry, FeedState
from warehouse.records.outcome import Batch, Counts, PolledFeed, Reject, Step
from warehouse.records.page import ArchiveRef, Fetch
from warehouse.records.source import Feed, FeedKind, Source
from warehouse.sources import load_sources
from warehouse.store import migrate
from warehouse.store.connection import Home, open_store, transaction

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = "https://news.example/feed"
SOURCE = Source("alpha", "Alpha News", homepage="https://news.example/", feeds=(Feed(FEED),))


def url(n: int) -> str:
    return f"https://news.example/{n}"


def key(n: int) -> str:
    return f"news.example/{n}"


def entry(n: int, *, title: str | None = None, updated_at: datetime | None = None) -> FeedEntry:
    return FeedEntry(url(n), title=title or f"Title {n}", published_at=NOW, updated_at=updated_at)


def polled(*entries: FeedEntry, at: datetime = NOW, feed: str = FEED, outcome: str = "ok") -> PolledFeed:
    ok = outcome in ("ok", "not_modified")
    state = FeedState(
        feed,
        "alpha",
        FeedKind.RSS,
        last_polled_at=at,
        last_ok_at=at if ok else None,
        error_class=None if ok else outcome,
        n_failures=int(not ok),
    )
    fetch = Fetch("alpha", feed, None, feed, feed, at, 5, 200 if ok else 500, outcome, "poll", 10)
    reject = None if ok else Reject("alpha", Step.POLL, outcome, "It failed.", url=feed, feed_url=feed, at=at)
    return PolledFeed(state, fetch, entries, reject)


def article(
    n: int, *, at: datetime = NOW, title: str | None = None, body: str | None = None, **fields: object
) -> Article:
    body = body if body is not None else f"Body of article {n}."
    values: dict[str, object] = {
        "source": "alpha",
        "url": url(n),
        "url_key": key(n),
        "title": title or f"Title {n}",
        "body": body,
        "published": Moment(
            NOW, NOW.date(), NOW.replace(tzinfo=None), 0, Precision.MINUTE, "meta", "page", "raw"
        ),
        "word_count": len(body.split()),
        "content_sha256": f"sha of {body}",
        "extractor": "test 1",
        "fetched_at": at,
        "ref": ArchiveRef("2026/11/a.warc.gz", 1_000 * n, 500),
        "origins": (Candidate("title", f"Title {n}", "meta", "og:title", True),),
        "links": (Link("link", "https://elsewhere.example/", "There"),),
    }
    return Article(**{**values, **fields})  # type: ignore[arg-type]


def fetch(
    n: int, *, at: datetime = NOW, outcome: str = "ok", status: int = 200, reason: str = "new"
) -> Fetch:
    return Fetch("alpha", url(n), key(n), FEED, url(n), at, 20, status, outcome, reason, 1_000)


def reject(
    n: int, *, at: datetime = NOW, step: Step = Step.FETCH, next_try_at: datetime | None = None
) -> Reject:
    return Reject(
        "alpha", step, "timeout", "Too slow.", url=url(n), url_key=key(n), at=at, next_try_at=next_try_at
    )


def load(home: Home, *articles: Article, **parts: object) -> Loaded:
    batch = Batch("run", articles=articles, **parts)  # type: ignore[arg-type]
    with store(home) as con, transaction(con):
        return load_batch(con, batch)


def poll(home: Home, *polls: PolledFeed) -> Counts:
    keys = [[entry.url.removeprefix("https://") for entry in one.entries] for one in polls]
    with store(home) as con, transaction(con):
        load_sources(con, [SOURCE])
        return load_polls(con, "run", polls, keys)


def ask(home: Home, sql: str, *parameters: object) -> list[tuple[object, ...]]:
    with store(home) as con:
        return con.execute(sql, list(parameters)).fetchall()


def a_home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def store(home: Home) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """Open the store; a new one is copied from a template, because migrating takes longer than most tests."""
    if not home.state_file.exists():
        home.state_dir.mkdir(parents=True, exist_ok=True)
        shutil.copy(_template(migrate._HERE), home.state_file)
    return open_store(home, owner="test")


@cache
def _template(code: Path) -> Path:
    home = Home(Path(tempfile.mkdtemp(prefix="wirehouse-template-")))
    atexit.register(shutil.rmtree, home.root, ignore_errors=True)
    with open_store(home, owner="template"):
        pass
    return home.state_file
