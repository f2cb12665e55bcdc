"""Fit how sure extraction is of each field: `tasks/domain/articles/data/certainty.json`.

    python -m bench.fit [--write]

A logistic regression for each field on the features of `tasks.domain.articles.evidence`, over both samples.
The reliability table judges each page by weights and bounds that were made on the other folds alone (five, by
registrable domain), in REPEATS divisions into folds. Those that are written are made on all pages.
"""

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.samples.corpus import N_FOLDS, Corpus, SamplePage, Scored, fold_of, open_corpus
from bench.samples.peers import NOW
from tasks.domain.articles.article import PageContext, read_article
from tasks.domain.articles.evidence import Evidence
from tasks.domain.articles.fields import moment_text
from warehouse.records.article import Article
from warehouse.records.source import Source

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "tasks" / "domain" / "articles" / "data" / "certainty.json"
FIELDS = ("title", "published", "body", "authors")
# How right the fields that are called sure must be on folds that the model was not fitted on.
SURE = {"published": 0.986, "body": 0.975, "authors": 0.93}
# Share of the pages whose titles are called sure: those with the highest probability, whole groups of equals.
# Their bound is made this way because a share of right titles that no group has leaves hardly any page sure.
COVERED = {"title": 0.66}
RATIO = 5.0  # how much more often a doubtful field is wrong than a likely one
RIGHT_TEXT = 0.9  # F1 of a text that counts as right
# L2, of all weights but the intercept.
PENALTY = {"title": 0.3, "published": 10.0, "body": 10.0, "authors": 3.0}
REPEATS = 4
_LEAST_PART = {"title": 0.05}  # of all pages, in each of the two lower classes
_LEAST = 0.03  # the same for the other fields

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """One field of one page: its features, how right it is (0 to 1), its registrable domain."""

    features: Mapping[str, float]
    value: float
    domain: str


def collect_cases(corpus: Corpus) -> dict[str, list[Case]]:
    """Return the cases of each field, from every page whose truth has it."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        readings = list(pool.map(_read, corpus.pages, chunksize=16))
    cases: dict[str, list[Case]] = {name: [] for name in FIELDS}
    for page, reading in zip(corpus.pages, readings, strict=True):
        if reading is None:
            continue
        prediction, evidence = reading
        scored = corpus.score.page(page.truth, prediction)
        for name, value in _values(scored).items():
            features = getattr(evidence, name)
            if "missing" not in features:
                cases[name].append(Case(features, value, page.truth["domain"]))
    return cases


def _read(page: SamplePage) -> tuple[dict[str, object], Evidence] | None:
    url = page.url
    context = PageContext(url, url, url, fetched_at=page.fetched_at or NOW)
    try:
        reading = read_article(page.html(), context, Source("page", ""))
    except Exception:  # an unreadable page has no features
        return None
    return (_prediction(reading.article), reading.evidence) if reading.refusal is None else None


def _prediction(article: Article) -> dict[str, object]:
    published = article.published
    return {
        "title": article.title,
        "published": moment_text(published) if published else None,
        "authors": list(article.authors),
        "body": article.body,
    }


def _values(scored: Scored) -> dict[str, float]:
    values = {
        "title": scored.get("title_exact"),
        "published": scored.get("date_acc"),
        "body": scored.get("body_page_f1"),
        "authors": scored.get("author_page"),
    }
    return {name: float(value) for name, value in values.items() if value is not None}


def fit(cases: Sequence[Case], names: Sequence[str], l2: float) -> Vector:
    """Return the weights of the intercept and the named features: logistic regression by Newton's method."""
    x, y = _matrix(cases, names), np.array([case.value >= RIGHT_TEXT for case in cases], dtype=np.float64)
    weights = np.zeros(x.shape[1])
    penalty = np.full(x.shape[1], l2)
    penalty[0] = 0.0
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (p - y) + penalty * weights
        hessian = (x.T * (p * (1 - p) + 1e-9)) @ x + np.diag(penalty)
        weights -= np.linalg.solve(hessian, gradient)
    return weights


def _matrix(cases: Sequence[Case], names: Sequence[str]) -> Vector:
    rows = [[1.0, *(case.features.get(name, 0.0) for name in names)] for case in cases]
    return np.array(rows, dtype=np.float64)


def _probability(cases: Sequence[Case], names: Sequence[str], weights: Vector) -> Vector:
    return 1 / (1 + np.exp(-np.clip(_matrix(cases, names) @ weights, -30, 30)))


def judge_unseen(
    name: str, cases: Sequence[Case], names: Sequence[str], division: int
) -> tuple[Vector, Vector, Vector]:
    """Return which cases are sure, likely and doubtful by weights and bounds of the other folds alone.

    `division` numbers the division of the domains into folds.
    """
    folds = [fold_of(f"{case.domain} {division}") for case in cases]
    places = np.zeros((3, len(cases)), dtype=bool)
    for fold in range(N_FOLDS):
        inside = [index for index, number in enumerate(folds) if number == fold]
        outside = [index for index, number in enumerate(folds) if number != fold]
        others = [cases[index] for index in outside]
        weights = fit(others, names, PENALTY[name])
        sure_from, likely_from = find_bounds(name, _probability(others, names, weights), others)
        p = _probability([cases[index] for index in inside], names, weights)
        places[:, inside] = p >= sure_from, (p < sure_from) & (p >= likely_from), p < likely_from
    return places[0], places[1], places[2]


def find_bounds(name: str, p: Vector, cases: Sequence[Case]) -> tuple[float, float]:
    """Return the lowest probability that is sure, and the lowest that is likely.

    The cases from the first on are right to the share SURE, or are the share COVERED of all. The second
    divides the rest so that a doubtful field is wrong RATIO times as often as a likely one, with as many
    doubtful pages as that allows; where no bound does, the one with the highest ratio. A bound lies half-way
    between two probabilities that occur.
    """
    values = np.array([case.value for case in cases])
    steps = np.unique(p)[::-1]
    betweens = (steps[:-1] + steps[1:]) / 2
    if name in COVERED:
        sure_from = next((float(b) for b in betweens if (p >= b).mean() >= COVERED[name]), 1.0)
    else:
        sure_from = next((float(b) for b in betweens[::-1] if values[p >= b].mean() >= SURE[name]), 1.0)
    wrong = values < RIGHT_TEXT
    least = max(3, int(_LEAST_PART.get(name, _LEAST) * len(p)))
    best, best_ratio = 0.0, 0.0
    for likely_from in betweens[betweens < sure_from]:
        likely, doubtful = (p >= likely_from) & (p < sure_from), p < likely_from
        if min(likely.sum(), doubtful.sum()) < least:
            continue
        ratio = wrong[doubtful].mean() / max(wrong[likely].mean(), 0.5 / likely.sum())
        if min(ratio, RATIO) > best_ratio:
            best, best_ratio = float(likely_from), min(ratio, RATIO)
    return sure_from, best


def print_reliability(name: str, cases: Sequence[Case], names: Sequence[str]) -> None:
    """Print how often each word is used on pages that no model has seen, and how right the field is then."""
    divisions = [judge_unseen(name, cases, names, number) for number in range(REPEATS)]
    values = np.tile([case.value for case in cases], REPEATS)
    for word, masks in zip(("sure", "likely", "doubtful"), zip(*divisions, strict=True), strict=True):
        mask = np.concatenate(masks)
        if mask.any():
            share, right = mask.mean(), values[mask].mean()
            wrong = (values[mask] < RIGHT_TEXT).mean()
            n = round(mask.sum() / REPEATS)
            print(f"{name:10} {word:9} {n:4} pages, {share:6.1%}   right {right:.3f}   wrong {wrong:6.1%}")


def main() -> None:
    """Fit, print the reliability table, write the weights on demand."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help=f"write {TARGET.relative_to(ROOT)}")
    options = parser.parse_args()
    cases = collect_cases(open_corpus())
    models = {name: fit_field(name, cases[name]) for name in FIELDS}
    if options.write:
        TARGET.write_text(json.dumps(models, indent=1) + "\n", encoding="utf-8")


def fit_field(name: str, cases: Sequence[Case]) -> dict[str, object]:
    """Return one field's model as the data file has it, and print how reliable it is."""
    names = sorted({feature for case in cases for feature in case.features})
    print_reliability(name, cases, names)
    weights = fit(cases, names, PENALTY[name])
    bounds = find_bounds(name, _probability(cases, names, weights), cases)
    rounded = {
        key: round(float(weight), 3) for key, weight in zip(["intercept", *names], weights, strict=True)
    }
    return {"weights": rounded, "sure_from": round(bounds[0], 4), "likely_from": round(bounds[1], 4)}


if __name__ == "__main__":
    main()
