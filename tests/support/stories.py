"""Generated news texts with copies and similar texts, and a store to load them into."""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import duckdb

from tasks.deduplicate import link_articles
from tasks.domain.duplicates.fingerprint import content_sha256
from tasks.domain.urls.key import url_key
from warehouse.articles import load_batch
from warehouse.records.article import Article, Moment, Precision
from warehouse.records.outcome import Batch
from warehouse.store.days import find_days
from warehouse.store.migrate import migrate
from warehouse.store.transaction import transaction

FIRST_DAY = date(2026, 3, 2)
_ONSETS = ("b", "br", "ch", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "pl", "r", "s", "st", "t", "v")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "ou")


def words(rng: random.Random, n: int) -> list[str]:
    """Return generated words, so that two texts share nothing by chance."""
    return [
        "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.randint(1, 3))) for _ in range(n)
    ]


def story(seed: int, n_sentences: int = 12) -> str:
    """Return a unique report: sentences with names and figures, three to a paragraph."""
    rng = random.Random(seed)
    sentences = []
    for _ in range(n_sentences):
        said = words(rng, rng.randint(8, 16))
        said[rng.randrange(2, 7)] = said[3].capitalize()
        said[-2] = str(rng.randint(3, 9999))
        sentences.append(" ".join(said).capitalize() + ".")
    paragraphs = [" ".join(sentences[at : at + 3]) for at in range(0, n_sentences, 3)]
    return "\n".join(paragraphs)


def cut(body: str, n_sentences: int) -> str:
    """Return the text's first sentences."""
    return ".".join(body.replace("\n", " ").split(".")[:n_sentences]) + "."


def moment(day: int, hour: int = 8) -> Moment:
    """Return a time on the n-th day, in UTC."""
    at = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, hour, tzinfo=UTC) + timedelta(days=day)
    return Moment(at, at.date(), at.replace(tzinfo=None), 0, Precision.MINUTE, "test", "page", at.isoformat())


def article(
    name: str,
    body: str,
    *,
    day: int | None = 0,
    hour: int = 8,
    fetched: int = 0,
    canonical_url: str | None = None,
    source: str = "daily",
) -> Article:
    """Return an article at a generated URL of its source."""
    url = f"https://{source}.example.org/{name}"
    return Article(
        source=source,
        url=url,
        url_key=url_key(url),
        title=f"About {name}",
        body=body,
        published=None if day is None else moment(day, hour),
        canonical_url=canonical_url,
        final_url=url,
        word_count=len(body.split()),
        content_sha256=content_sha256(body),
        extractor="test",
        fetched_at=datetime(2026, 4, 1, tzinfo=UTC) + timedelta(hours=fetched),
    )


def new_store() -> duckdb.DuckDBPyConnection:
    """Return an empty warehouse in memory."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.execute("set threads = 1")
    migrate(con)
    return con


def load(con: duckdb.DuckDBPyConnection, articles: Sequence[Article], size: int = 1000) -> int:
    """Load articles in batches; return how many copies were found."""
    n_copies = 0
    for at in range(0, len(articles), size):
        with transaction(con):
            loaded = load_batch(con, Batch("run", articles=tuple(articles[at : at + size])))
            n_copies += link_articles(con, find_days(con, loaded.changed_ids), loaded.load_id)
    return n_copies


def dump(con: duckdb.DuckDBPyConnection) -> tuple[list[tuple[object, ...]], ...]:
    """Return links, stories and fingerprints, sorted and without their loads."""
    statements = (
        "select * exclude (load_id) from core.duplicate_link order by all",
        "select * from core.story_member order by all",
        "select * from core.fingerprint order by all",
        "select * from core.syndication_claim order by all",
    )
    return tuple(con.execute(statement).fetchall() for statement in statements)


def relations(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str, str]]:
    """Return each pair once: the last segments of both URLs, and the relation."""
    rows: Iterable[tuple[str, str, str]] = con.execute(
        "select url, other_url, relation from copies"
    ).fetchall()
    tail = [(a.rsplit("/", 1)[1], b.rsplit("/", 1)[1], relation) for a, b, relation in rows]
    return {row for row in tail if row[0] < row[1]}
