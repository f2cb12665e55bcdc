"""Accuracy and speed of extraction beside trafilatura, htmldate and newspaper4k, on pages with known truth.

    python -m bench.extraction [--speed-pages N] [--skip-peers]

Truth, pages and scorer are those of the sample corpus (WIREHOUSE_CORPUS, default ../shared/corpus).
Ours is run as `wirehouse extract --manifest` runs it: in worker processes, a site's pages learnt from
together. Speed is CPU time of one process on the same pages in the same run, reference
trafilatura.bare_extraction with its defaults (metadata on); the imports are done before.
"""

import argparse
import gzip
import importlib.util
import json
import logging
import os
import random
import time
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from tasks.domain.articles.article import PageContext, read_article
from tasks.inspection.extract_check import PageInput, check_pages
from warehouse.records import Source

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 24, tzinfo=UTC)
FIGURES = (
    "body_f1",
    "body_near",
    "snip_f1",
    "title_exact",
    "date_acc",
    "ts_acc",
    "author_f1",
    "site_acc",
    "lang_acc",
)
Truth = dict[str, Any]
Predictions = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """The sample pages with their truth and the scorer that lies beside them."""

    folder: Path
    truth: list[Truth]
    score: ModuleType

    def html(self, truth: Truth) -> bytes:
        """Return a page's bytes."""
        return gzip.decompress((self.folder / "pages" / f"{truth['id']}.html.gz").read_bytes())


def open_corpus(folder: Path | None = None) -> Corpus:
    """Return the sample corpus; ends the program when it is not there."""
    root = folder or Path(os.environ.get("WIREHOUSE_CORPUS", ROOT.parent / "shared" / "corpus"))
    folder = root / "extraction"
    if not (folder / "truth.jsonl").is_file():
        raise SystemExit(f"No sample pages under {folder}; say where they are with WIREHOUSE_CORPUS.")
    spec = importlib.util.spec_from_file_location("corpus_score", folder / "score.py")
    assert spec and spec.loader
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    lines = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return Corpus(folder, [json.loads(line) for line in lines if line.strip()], score)


def figures(corpus: Corpus, predictions: Predictions) -> dict[str, dict[str, float]]:
    """Return the scorer's figures for each set of pages, and for all of them."""
    groups: dict[str, list[Any]] = {"all": []}
    for truth in corpus.truth:
        scored = corpus.score.page(truth, predictions.get(truth["id"], {}))
        groups.setdefault(truth["set"], []).append(scored)
        groups["all"].append(scored)
    return {name: corpus.score.summary(rows) for name, rows in sorted(groups.items())}


def predict_ours(corpus: Corpus) -> Predictions:
    """Return what `wirehouse extract --manifest` gives for the whole corpus."""
    inputs = [
        PageInput(
            truth["id"],
            corpus.folder / "pages" / f"{truth['id']}.html.gz",
            truth["url"],
            _instant(truth.get("fetched")),
        )
        for truth in corpus.truth
    ]
    return {report["id"]: report for report in check_pages(inputs, source=None, client=None, now=NOW)}


def _instant(text: str | None) -> datetime | None:
    at = datetime.fromisoformat(text) if text else None
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at


def read_trafilatura(html: bytes, url: str) -> dict[str, Any]:
    """Return what trafilatura's defaults make of a page, metadata on."""
    from trafilatura import bare_extraction

    found = bare_extraction(html, url=url, with_metadata=True)
    if found is None or isinstance(found, dict):
        return {}
    authors = [name.strip() for name in (found.author or "").split(";") if name.strip()]
    return {
        "title": found.title, "published": found.date, "authors": authors, "site": found.sitename,
        "body": found.text, "language": found.language,
    }  # fmt: skip


def read_htmldate(html: bytes, url: str) -> dict[str, Any]:
    """Return the day that htmldate finds, extensive search, original date."""
    from htmldate import find_date

    return {"published": find_date(html.decode("utf-8", "replace"), url=url, original_date=True)}


def read_newspaper(html: bytes, url: str) -> dict[str, Any]:
    """Return what newspaper4k makes of a page; it asks the network unless images are off."""
    from newspaper import Article

    article = Article(url, fetch_images=False)
    article.download(input_html=html.decode("utf-8", "replace"))
    article.parse()
    published = article.publish_date
    return {
        "title": article.title, "published": published.isoformat() if published else None,
        "authors": article.authors, "body": article.text, "language": article.meta_lang,
    }  # fmt: skip


def read_ours(html: bytes, url: str) -> object:
    """Return our reading of one page, all fields, in this process."""
    return read_article(html, PageContext(url, url, url, fetched_at=NOW), Source("page", ""))


def _predict_one(
    job: tuple[str, bytes, str, Callable[[bytes, str], dict[str, Any]]],
) -> tuple[str, dict[str, Any]]:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    name, html, url, read = job
    try:
        return name, read(html, url)
    except Exception:  # a peer's crash is a miss, as the scorer counts it
        return name, {}


def predict_with(corpus: Corpus, read: Callable[[bytes, str], dict[str, Any]]) -> Predictions:
    """Return what a peer makes of the whole corpus."""
    jobs = ((truth["id"], corpus.html(truth), truth["url"], read) for truth in corpus.truth)
    with ProcessPoolExecutor(2) as pool:
        return dict(pool.map(_predict_one, jobs, chunksize=8))


def cpu_ms(read: Callable[[bytes, str], object], pages: Iterable[tuple[bytes, str]]) -> float:
    """Return the CPU time a page takes, in milliseconds; a crash counts as its time."""
    pages = list(pages)
    started = time.process_time()
    for html, url in pages:
        try:
            read(html, url)
        except Exception:
            continue
    return (time.process_time() - started) * 1000 / len(pages)


def speeds(
    corpus: Corpus, n_pages: int, peers: dict[str, Callable[[bytes, str], object]]
) -> dict[str, float]:
    """Return each reader's CPU milliseconds per page, blocks of pages interleaved so that noise is shared."""
    logging.disable(logging.CRITICAL)
    sample = random.Random(5).sample(corpus.truth, min(n_pages, len(corpus.truth)))
    pages = [(corpus.html(truth), truth["url"]) for truth in sample]
    for read in peers.values():
        cpu_ms(read, pages[:4])
    blocks = [pages[start : start + 10] for start in range(0, len(pages), 10)]
    total = dict.fromkeys(peers, 0.0)
    for block in blocks:
        for name, read in peers.items():
            total[name] += cpu_ms(read, block) * len(block)
    return {name: spent / len(pages) for name, spent in total.items()}


def print_table(title: str, result: dict[str, dict[str, float]]) -> None:
    """Print one extractor's figures, a row a set of pages."""
    print(f"\n{title}")
    print(f"  {'set':12}" + "".join(f"{name:>12}" for name in FIGURES))
    for name, row in result.items():
        cells = "".join(f"{row[figure]:12.3f}" if figure in row else f"{'-':>12}" for figure in FIGURES)
        print(f"  {name:12}{cells}")


def main() -> None:
    """Print the whole comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speed-pages", type=int, default=80)
    parser.add_argument("--skip-peers", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    corpus = open_corpus()
    peers: dict[str, Callable[[bytes, str], dict[str, Any]]] = {
        "trafilatura": read_trafilatura,
        "htmldate": read_htmldate,
    }
    if importlib.util.find_spec("newspaper"):
        peers["newspaper4k"] = read_newspaper
    print_table("wirehouse", figures(corpus, predict_ours(corpus)))
    if not options.skip_peers:
        for name, read in peers.items():
            print_table(name, figures(corpus, predict_with(corpus, read)))
    spent = speeds(corpus, options.speed_pages, {"wirehouse": read_ours, **peers})
    print(f"\nCPU per page, all fields ({min(options.speed_pages, len(corpus.truth))} pages)")
    for name, ms in spent.items():
        print(f"  {name:12} {ms:7.1f} ms   {spent['trafilatura'] / ms:5.2f} x trafilatura's speed")


if __name__ == "__main__":
    main()
