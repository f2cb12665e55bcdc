"""Accuracy on real pages with known truth: no figure may fall below its floor.

The floors are slightly below the figures of `python -m bench.extraction`; raise them when those rise.
"""

import pytest

from bench.samples.corpus import figures, open_corpus
from bench.samples.peers import predict_ours

FLOORS = {
    "zyte": {"body_f1": 0.970, "lang_acc": 0.98},
    "fundus": {
        "body_f1": 0.974, "title_exact": 0.89, "date_acc": 0.99, "ts_acc": 0.985, "author_f1": 0.91,
        "lang_acc": 0.98,
    },
    "fundus_eval": {"body_f1": 0.985, "site_acc": 0.97},
    "mediacloud": {"date_acc": 0.915},
    "bbaw": {"snip_f1": 0.963, "title_exact": 0.91, "date_acc": 0.92, "author_f1": 0.76},
}  # fmt: skip


FIRST_SAMPLE = ("extraction",)


@pytest.fixture(scope="module")
def opened(corpus):
    return open_corpus(corpus, FIRST_SAMPLE)


@pytest.fixture(scope="module")
def predictions(opened):
    return predict_ours(opened)


@pytest.fixture(scope="module")
def result(opened, predictions):
    return figures(opened, predictions)


@pytest.mark.parametrize(
    ("name", "figure"), [(name, figure) for name, row in FLOORS.items() for figure in row]
)
def test_figure_holds(result, name, figure):
    assert result[name][figure] >= FLOORS[name][figure]


def test_no_page_fails(predictions):
    failed = {name: row["reason"] for name, row in predictions.items() if row["status"] == "failed"}
    assert not failed


def test_hardly_a_page_with_a_text_is_refused(opened, predictions):
    with_text = {page.id for page in opened.pages if page.truth.get("body") or page.truth.get("snippets_in")}
    refused = {
        name: row["reason"]
        for name, row in predictions.items()
        if name in with_text and row["status"] == "rejected"
    }
    assert len(refused) <= 0.01 * len(with_text), refused
