"""Accuracy on real pages with known truth: no figure may fall below what has been reached.

The floors lie a little under the figures of `python -m bench.extraction`; raise them when those rise.
"""

import pytest

from bench.extraction import figures, open_corpus, predict_ours

FLOORS = {
    "zyte": {"body_f1": 0.970, "lang_acc": 0.98},
    "fundus": {
        "body_f1": 0.974, "title_exact": 0.89, "date_acc": 0.99, "ts_acc": 0.985, "author_f1": 0.88, "lang_acc": 0.98,
    },
    "fundus_eval": {"body_f1": 0.980, "site_acc": 0.97},
    "mediacloud": {"date_acc": 0.915},
    "bbaw": {"snip_f1": 0.935, "title_exact": 0.88, "date_acc": 0.92, "author_f1": 0.72},
}  # fmt: skip


@pytest.fixture(scope="module")
def result(corpus):
    opened = open_corpus(corpus)
    predictions = predict_ours(opened)
    return predictions, figures(opened, predictions)


@pytest.mark.parametrize(
    ("name", "figure"), [(name, figure) for name, row in FLOORS.items() for figure in row]
)
def test_figure_holds(result, name, figure):
    assert result[1][name][figure] >= FLOORS[name][figure]


def test_no_page_fails(result):
    failed = {name: row["reason"] for name, row in result[0].items() if row["status"] == "failed"}
    assert not failed


def test_hardly_a_page_with_a_text_is_refused(result, corpus):
    with_text = {
        truth["id"] for truth in open_corpus(corpus).truth if truth.get("body") or truth.get("snippets_in")
    }
    refused = {
        name: row["reason"]
        for name, row in result[0].items()
        if name in with_text and row["status"] == "rejected"
    }
    assert len(refused) <= 0.01 * len(with_text), refused
