"""Wrong titles and days of our own: whether the page names the right one anywhere, and as what."""

from collections import Counter
from collections.abc import Iterator

from bench.samples.corpus import Corpus, Predictions, SamplePage, groups_of, score_pages
from bench.samples.peers import NOW
from tasks.domain.articles.article import PageContext, read_article
from tasks.errors import ItemError
from warehouse.records.article import Candidate
from warehouse.records.source import Source

FIGURES = (("title", "title_exact"), ("published", "date_acc"))
Misses = Counter[tuple[str, str, str]]  # by sample, field and where the right value is


def count_misses(corpus: Corpus, ours: Predictions) -> Misses:
    """Return how many titles and days are wrong, by what the page's other places say.

    `chosen differently`: one of the collected candidates is the truth; `named as a change`: the page gives
    the truth's day as that of its last change; `named nowhere`: none of our candidates is the truth.
    """
    misses: Misses = Counter()
    scored = score_pages(corpus, ours)
    for page in corpus.pages:
        wrong = [field for field, figure in FIGURES if scored[page.id].get(figure) in (False, 0)]
        origins = _origins_of(page) if wrong else ()
        for field in wrong:
            misses[groups_of(page.truth)[1], field, _place_of_truth(corpus, page, field, origins)] += 1
    return misses


def _origins_of(page: SamplePage) -> tuple[Candidate, ...]:
    context = PageContext(page.url, page.url, page.url, fetched_at=page.fetched_at or NOW)
    try:
        return read_article(page.html(), context, Source("page", "")).article.origins
    except ItemError:  # an unreadable page names nothing
        return ()


def _place_of_truth(corpus: Corpus, page: SamplePage, field: str, origins: tuple[Candidate, ...]) -> str:
    kinds = set(_kinds_of_truth(corpus, page, field, origins))
    if field in kinds:
        return "chosen differently"
    return "named as a change" if "modified" in kinds else "named nowhere"


def _kinds_of_truth(
    corpus: Corpus, page: SamplePage, field: str, origins: tuple[Candidate, ...]
) -> Iterator[str]:
    """Yield the fields whose candidates hold the truth of a field."""
    figure, fields = ("title_exact", ("title",)) if field == "title" else ("date_acc", (field, "modified"))
    for origin in origins:
        if origin.field in fields and corpus.score.page(page.truth, {field: origin.value}).get(figure):
            yield origin.field
