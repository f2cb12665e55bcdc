"""Results of wirehouse and other extractors on the sample pages; those of the others are cached.

A peer's results depend only on its version and on the pages, so they are cached. Ours are computed
in each run, in worker processes, as `wirehouse extract --manifest` does: recurring lines are
learned from all pages of a site.
"""

import gzip
import hashlib
import importlib.metadata
import json
import logging
import os
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.samples.corpus import Corpus, Predictions
from tasks.domain.articles.article import PageContext, read_article
from tasks.inspection.extract_check import check_pages
from tasks.inspection.manifest import DocumentInput
from warehouse.records.source import Source

NOW = datetime(2026, 11, 24, tzinfo=UTC)
Read = Callable[[bytes, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Peer:
    """Another extractor: its name, the package whose version determines its results, its function."""

    name: str
    package: str
    read: Read


def read_trafilatura(html: bytes, url: str) -> dict[str, Any]:
    """Return the result of trafilatura's defaults on a page, metadata on."""
    from trafilatura import bare_extraction

    document = bare_extraction(html, url=url, with_metadata=True)
    if document is None or isinstance(document, dict):
        return {}
    authors = [name.strip() for name in (document.author or "").split(";") if name.strip()]
    return {
        "title": document.title, "published": document.date, "authors": authors, "site": document.sitename,
        "body": document.text, "language": document.language,
    }  # fmt: skip


def read_htmldate(html: bytes, url: str) -> dict[str, Any]:
    """Return the day that htmldate finds, extensive search, original date."""
    from htmldate import find_date

    return {"published": find_date(html.decode("utf-8", "replace"), url=url, original_date=True)}


def read_newspaper(html: bytes, url: str) -> dict[str, Any]:
    """Return the result of newspaper4k on a page; it uses the network unless images are off."""
    from newspaper import Article

    article = Article(url, fetch_images=False)
    article.download(input_html=html.decode("utf-8", "replace"))
    article.parse()
    published = article.publish_date
    return {
        "title": article.title, "published": published.isoformat() if published else None,
        "authors": article.authors, "body": article.text, "language": article.meta_lang,
    }  # fmt: skip


PEERS = (
    Peer("trafilatura", "trafilatura", read_trafilatura),
    Peer("htmldate", "htmldate", read_htmldate),
    Peer("newspaper4k", "newspaper4k", read_newspaper),
)


def read_ours(html: bytes, url: str) -> object:
    """Return our result on one page, all fields, in this process."""
    return read_article(html, PageContext(url, url, url, fetched_at=NOW), Source("page", ""))


def installed_peers() -> list[Peer]:
    """Return the peers whose package is installed (`make bench` installs all)."""
    return [peer for peer in PEERS if _version(peer.package) is not None]


def predict_ours(corpus: Corpus) -> Predictions:
    """Return the results of `wirehouse extract --manifest` on the whole corpus."""
    inputs = [
        DocumentInput(page.id, page.path, page.url, fetched_at=page.fetched_at) for page in corpus.pages
    ]
    return {report["id"]: report for report in check_pages(inputs, source=None, client=None, now=NOW)}


def read_predictions(path: Path) -> Predictions:
    """Return the predictions of a file that `wirehouse extract --json` wrote."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line[:1] == "{"]
    return {row["id"]: row for row in rows}


def predict_with(corpus: Corpus, peer: Peer, cache: Path) -> Predictions:
    """Return a peer's results on the whole corpus; from the cache when it has this version's results."""
    stored = cache / f"{peer.name}-{_version(peer.package)}-{_pages_key(corpus)}.jsonl"
    if stored.is_file():
        return read_predictions(stored)
    jobs = [(page.id, page.path, page.url, peer.read) for page in corpus.pages]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        predictions = dict(pool.map(_predict_page, jobs, chunksize=8))
    cache.mkdir(parents=True, exist_ok=True)
    rows = [json.dumps({"id": name, **row}, default=str) for name, row in predictions.items()]
    partial = stored.with_suffix(f".{os.getpid()}")
    partial.write_text("\n".join(rows), encoding="utf-8")
    partial.replace(stored)
    return predictions


def default_cache() -> Path:
    """Return the user's cache folder for the peers' results."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "wirehouse" / "bench"


def _predict_page(job: tuple[str, Path, str, Read]) -> tuple[str, dict[str, Any]]:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    name, path, url, read = job
    try:
        return name, read(gzip.decompress(path.read_bytes()), url)
    except Exception:  # a peer's crash is a miss, as the scorer counts it
        return name, {}


def _pages_key(corpus: Corpus) -> str:
    return hashlib.sha256(" ".join(page.id for page in corpus.pages).encode()).hexdigest()[:12]


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
