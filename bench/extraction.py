"""Accuracy and speed of extraction on pages with known truth, compared with other extractors.

    python -m bench.extraction [--ours FILE] [--out FILE] [--skip-peers] [--speed-pages N] [--cache DIR]

Both samples count together; figures are per sample, per trust of the truth, per set and per fold (five
folds by registrable domain). Pages on which our text is worse than bare trafilatura's are listed with the
step that lost it; wrong titles and days are counted by what the page's other places say. Speed is CPU time
of one process on the same pages in the same run, reference trafilatura.bare_extraction with its defaults
(metadata on); the imports are done before.
"""

import argparse
import json
import logging
import random
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bench.comparison.ratios import note
from bench.samples.corpus import Corpus, Predictions, figures, open_corpus, score_pages, text_value
from bench.samples.losses import LEAST_LOSS, Loss, find_losses
from bench.samples.misses import Misses, count_misses
from bench.samples.peers import (
    default_cache,
    installed_peers,
    predict_ours,
    predict_with,
    read_ours,
    read_predictions,
)

FIGURES = {
    "n": "pages",
    "body_f1": "body",
    "body_near": "near",
    "snip_f1": "snippets",
    "title_exact": "title",
    "date_acc": "day",
    "ts_acc": "instant",
    "author_f1": "authors",
    "site_acc": "site",
    "lang_acc": "language",
}
LEAST_CHANGE = 0.005


def cpu_ms(read: Callable[[bytes, str], object], pages: Iterable[tuple[bytes, str]]) -> float:
    """Return the CPU time of a page, in milliseconds; a crash counts with its time."""
    pages = list(pages)
    started = time.process_time()
    for html, url in pages:
        try:
            read(html, url)
        except Exception:
            continue
    return (time.process_time() - started) * 1000 / len(pages)


def speeds(
    corpus: Corpus, n_pages: int, readers: dict[str, Callable[[bytes, str], object]]
) -> dict[str, float]:
    """Return each reader's CPU milliseconds per page, blocks of pages interleaved so that noise is shared."""
    logging.disable(logging.CRITICAL)
    sample = random.Random(5).sample(corpus.pages, min(n_pages, len(corpus.pages)))
    for read in readers.values():
        cpu_ms(read, [(page.html(), page.url) for page in sample[:4]])
    total = dict.fromkeys(readers, 0.0)
    for start in range(0, len(sample), 10):
        block = [(page.html(), page.url) for page in sample[start : start + 10]]
        for name, read in readers.items():
            total[name] += cpu_ms(read, block) * len(block)
    return {name: spent / len(sample) for name, spent in total.items()}


def print_tables(results: dict[str, dict[str, dict[str, float]]]) -> None:
    """Print the figures: one block per group of pages, one row per extractor."""
    names = list(next(iter(results.values())))
    width = max(map(len, results))
    print(f"{'group':12} {'extractor':{width}}" + "".join(f"{head:>9}" for head in FIGURES.values()))
    for group in names:
        for extractor, result in results.items():
            cells = "".join(_cell(result[group].get(figure)) for figure in FIGURES)
            print(f"{group:12} {extractor:{width}}{cells}")


def _cell(value: float | None) -> str:
    if value is None:
        return f"{'-':>9}"
    return f"{value:9d}" if isinstance(value, int) else f"{value:9.3f}"


def print_comparison(corpus: Corpus, ours: Predictions, peers: dict[str, Predictions]) -> None:
    """Print on how many pages our text is worse and better than each peer's."""
    our_values = {name: text_value(scored) for name, scored in score_pages(corpus, ours).items()}
    refused = sum(row.get("status", "ok") != "ok" for row in ours.values())
    print(f"\n{refused} of {len(corpus.pages)} pages refused")
    for peer, predictions in peers.items():
        values = {name: text_value(scored) for name, scored in score_pages(corpus, predictions).items()}
        changes = [
            a - b for name, a in our_values.items() if a is not None and (b := values[name]) is not None
        ]
        worse = sum(change < -LEAST_CHANGE for change in changes)
        better = sum(change > LEAST_CHANGE for change in changes)
        print(f"text beside {peer}: worse on {worse}, better on {better} of {len(changes)} pages")


def print_losses(losses: Sequence[Loss]) -> None:
    """Print the pages whose text is worse than bare trafilatura's, and the steps that lost it."""
    steps = Counter(loss.step for loss in losses)
    counts = ", ".join(f"{step} {n}" for step, n in steps.most_common())
    print(f"\n{len(losses)} pages are worse than bare trafilatura by > {LEAST_LOSS} ({counts})")
    for loss in losses:
        print(f"  {loss.ours:.3f} {loss.peers:.3f} {loss.step:15} {loss.page.id} {loss.page.url[:70]}")
        print(f"              {loss.reason[:100]}")


def print_misses(misses: Misses) -> None:
    """Print how many titles and days are wrong, and whether the page names the right one anywhere."""
    print("\nwrong titles and days, by what the page names")
    for (sample, field, place), n in sorted(misses.items()):
        print(f"  {sample} {field:10} {place:19} {n:4d}")


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write one JSON object per page, as `wirehouse extract --json` does."""
    rows = [json.dumps({"id": name, **row}, ensure_ascii=False) for name, row in predictions.items()]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--ours", type=Path, nargs="*", help="score these outputs of `wirehouse extract --json`"
    )
    parser.add_argument("--out", type=Path, help="write our predictions to this file")
    parser.add_argument("--skip-peers", action="store_true", help="figures of wirehouse alone")
    parser.add_argument("--speed-pages", type=int, default=80, help="pages to time; 0: no timing")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="folder of the peers' answers")
    return parser.parse_args()


def main() -> None:
    """Print the whole comparison."""
    options = _read_options()
    warnings.simplefilter("ignore")
    corpus = open_corpus()
    if options.ours:
        ours = {name: row for path in options.ours for name, row in read_predictions(path).items()}
    else:
        ours = predict_ours(corpus)
    if options.out:
        write_predictions(options.out, ours)
    peers = [] if options.skip_peers else installed_peers()
    answers = {peer.name: predict_with(corpus, peer, options.cache) for peer in peers}
    print_tables({name: figures(corpus, rows) for name, rows in {"wirehouse": ours, **answers}.items()})
    print_comparison(corpus, ours, {name: rows for name, rows in answers.items() if name != "htmldate"})
    if "trafilatura" in answers:
        print_losses(find_losses(corpus, ours, answers["trafilatura"]))
    print_misses(count_misses(corpus, ours))
    if options.speed_pages:
        print_speeds(corpus, options.speed_pages)


def print_speeds(corpus: Corpus, n_pages: int) -> None:
    """Print the CPU time per page of each extractor."""
    readers = {"wirehouse": read_ours, **{peer.name: peer.read for peer in installed_peers()}}
    spent = speeds(corpus, n_pages, readers)
    print(f"\nCPU per page, all fields ({min(n_pages, len(corpus.pages))} pages)")
    for name, ms in spent.items():
        print(f"  {name:12} {ms:7.1f} ms   {ms / spent['trafilatura']:5.2f} x trafilatura's time")
    note("extraction", "CPU ms/page", spent["wirehouse"], "bare trafilatura", spent["trafilatura"])


if __name__ == "__main__":
    main()
