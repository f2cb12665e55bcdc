"""Generated articles, up to millions: plausible in size and word frequency, equal for equal seeds.

Bodies are about 3 kB: seven paragraphs out of a pool, of words drawn by Zipf's law.
"""

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate

from warehouse.records.article import Article, Candidate, Moment, Precision
from warehouse.records.outcome import Batch
from warehouse.records.page import ArchiveRef, Fetch

START = datetime(2026, 1, 1, tzinfo=UTC)
N_SOURCES = 300
N_PARAGRAPHS = 20_000
_LETTERS = "etaoinshrdlucmfwypvbgk"
_LANGUAGES = ("en", "de", "fr", "es", "ru")


@cache
def words() -> list[str]:
    """Return the vocabulary, the most frequent word first."""
    rng = random.Random(3)
    return ["".join(rng.choices(_LETTERS, k=rng.randint(2, 11))) for _ in range(40_000)]


@cache
def _weights() -> list[float]:
    return list(accumulate(1 / (i + 3) for i in range(len(words()))))


@cache
def paragraph(n: int) -> str:
    """Return paragraph `n` of the pool for bodies; the most frequent word is never before the second one.

    So the two are in every article, and as a phrase in none, as "the" and "of" are.
    """
    first, second = words()[:2]
    drawn: list[str] = []
    for word in random.Random(n).choices(words(), cum_weights=_weights(), k=64):
        if word != second or (drawn and drawn[-1] != first):
            drawn.append(word)
    return " ".join(drawn).capitalize() + "."


def batch(run_id: str, first: int, n: int, *, fetched_at: datetime | None = None) -> Batch:
    """Return articles `first` to `first + n - 1` with their requests; a later `fetched_at` is a recheck."""
    made = [_article(i, fetched_at) for i in range(first, first + n)]
    return Batch(run_id, fetches=tuple(_fetch(a) for a in made), articles=tuple(made))


def batches(run_id: str, first: int, n: int, size: int) -> Iterator[Batch]:
    """Yield batches of `size` articles."""
    for start in range(first, first + n, size):
        yield batch(run_id, start, min(size, first + n - start))


def _article(i: int, fetched_at: datetime | None) -> Article:
    rng = random.Random(i)
    published = START + timedelta(seconds=20 * i - rng.randrange(3_600))
    body = "\n".join(paragraph(rng.randrange(N_PARAGRAPHS)) for _ in range(7)) + f"\nReference {i}."
    source = f"source-{i % N_SOURCES}"
    title = " ".join(rng.choices(words()[:5_000], k=9)).capitalize()
    key = f"www.{source}.example/news/{published:%Y/%m}/{i}-{rng.choice(words())}"
    moment = Moment(
        published, published.date(), published.replace(tzinfo=None), 0, Precision.MINUTE, "json_ld", "page",
        published.isoformat(),
    )  # fmt: skip
    return Article(
        source=source,
        url=f"https://{key}",
        url_key=key,
        title=title,
        body=body,
        published=moment,
        authors=(f"Author {i % 999}",),
        language=_LANGUAGES[i % N_SOURCES % 5],
        source_credit="Agency" if i % 5 == 0 else None,
        word_count=450,
        content_sha256=hashlib.sha256(body.encode()).hexdigest(),
        extractor="wirehouse 1",
        fetched_at=fetched_at or START + timedelta(seconds=20 * i),
        ref=ArchiveRef(f"2026/{published:%m}/bench-{i // 20_000}.warc.gz", i % 20_000 * 9_000, 9_000),
        origins=(
            Candidate("title", title, "json_ld", '"headline"', True),
            Candidate("title", title, "meta", "og:title", False),
            Candidate("published", published.isoformat(), "json_ld", '"datePublished"', True),
            Candidate("authors", f"Author {i % 999}", "json_ld", '"author"', True),
            Candidate("language", "en", "meta", "html lang", True),
        ),
    )


def _fetch(article: Article) -> Fetch:
    assert article.fetched_at is not None
    return Fetch(
        source=article.source,
        url=article.url,
        url_key=article.url_key,
        feed_url=f"https://www.{article.source}.example/feed",
        final_url=article.url,
        started_at=article.fetched_at,
        duration_ms=200,
        status=200,
        outcome="ok",
        reason="new",
        n_bytes=60_000,
        body_sha256=article.content_sha256,
        ref=article.ref,
    )
