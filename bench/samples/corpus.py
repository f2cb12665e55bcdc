"""The sample pages with known truth: both samples as one, by set, by how the truth was made, and by fold.

Pages, truth and scorer are those of the sample corpus (WIREHOUSE_CORPUS, default ../shared/corpus). A fold
holds whole registrable domains, so that a rule made on four folds can be judged on pages of other sites.
"""

import gzip
import importlib.util
import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
SAMPLES = ("extraction", "extraction2")
N_FOLDS = 5
# How the truth was made; every set that is not named here comes from another extractor's tests.
TRUST = {
    "hand": frozenset(
        {"zyte", "fundus_eval", "mediacloud", "bbaw", "bbaw_rest", "postlight", "gne", "mcmeta"}
    ),
    "reviewed": frozenset({"wcxb"}),
}

Truth = dict[str, Any]
Predictions = dict[str, dict[str, Any]]
Scored = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SamplePage:
    """One page of the samples, its truth and the location of its bytes."""

    truth: Truth
    path: Path

    @property
    def id(self) -> str:
        """The page's name, unique over all samples."""
        return str(self.truth["id"])

    @property
    def url(self) -> str:
        """The page's URL."""
        return str(self.truth["url"])

    @property
    def fetched_at(self) -> datetime | None:
        """The time of the fetch, if known."""
        text = self.truth.get("fetched")
        at = datetime.fromisoformat(text) if text else None
        return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at

    def html(self) -> bytes:
        """Return the page's bytes."""
        return gzip.decompress(self.path.read_bytes())


@dataclass(frozen=True, slots=True)
class Corpus:
    """The sample pages and their scorer."""

    folder: Path
    pages: tuple[SamplePage, ...]
    score: ModuleType


def open_corpus(folder: Path | None = None, samples: tuple[str, ...] = SAMPLES) -> Corpus:
    """Return the sample corpus; end the program when it is missing."""
    root = folder or Path(os.environ.get("WIREHOUSE_CORPUS", ROOT.parent / "shared" / "corpus"))
    missing = [name for name in samples if not (root / name / "truth.jsonl").is_file()]
    if missing:
        raise SystemExit(f"No sample pages under {root / missing[0]}; set WIREHOUSE_CORPUS to their folder.")
    pages = [page for name in samples for page in _read_sample(root / name)]
    return Corpus(root, tuple(pages), _load_scorer(root / "extraction" / "score.py"))


def _read_sample(folder: Path) -> Iterator[SamplePage]:
    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        if line.strip():
            truth = json.loads(line)
            yield SamplePage(truth, folder / "pages" / f"{truth['id']}.html.gz")


def _load_scorer(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("corpus_score", path)
    assert spec and spec.loader
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    return score


def fold_of(domain: str) -> int:
    """Return the fold of a registrable domain, 0 to N_FOLDS - 1; the same on every machine."""
    return zlib.crc32(domain.encode()) % N_FOLDS


def trust_of(truth: Truth) -> str:
    """Return how a page's truth was made: `hand`, `reviewed` or `parser`."""
    return next((name for name, sets in TRUST.items() if truth["set"] in sets), "parser")


def groups_of(truth: Truth) -> tuple[str, ...]:
    """Return the groups that a page belongs to: all, its sample, its trust, its set, its fold."""
    sample = "sample 2" if "trust" in truth else "sample 1"
    return ("all", sample, trust_of(truth), truth["set"], f"fold {fold_of(truth['domain'])}")


def score_pages(corpus: Corpus, predictions: Predictions) -> dict[str, Scored]:
    """Return the scorer's verdict on each page, by the page's name."""
    return {page.id: corpus.score.page(page.truth, predictions.get(page.id, {})) for page in corpus.pages}


def figures(corpus: Corpus, predictions: Predictions) -> dict[str, dict[str, float]]:
    """Return the scorer's figures for each group of pages, in a fixed order."""
    groups: dict[str, list[Scored]] = {}
    scored = score_pages(corpus, predictions)
    for page in corpus.pages:
        for name in groups_of(page.truth):
            groups.setdefault(name, []).append(scored[page.id])
    return {name: corpus.score.summary(groups[name]) for name in sorted(groups, key=_place)}


def _place(name: str) -> tuple[int, str]:
    kinds = ("all", "sample", "hand", "reviewed", "parser")
    rank = next((place for place, kind in enumerate(kinds) if name.startswith(kind)), len(kinds))
    return (rank + 1 if name.startswith("fold") else rank, name)


def text_value(scored: Scored) -> float | None:
    """Return the accuracy of a page's text, 0 to 1: the body's F1, else the snippets; None without truth."""
    if "body_page_f1" in scored:
        return float(scored["body_page_f1"])
    if "snip" in scored:
        n_right, n_wrong, n_wanted = scored["snip"]
        return float((n_right - n_wrong) / n_wanted)
    return None
