"""Canonical URLs that many pages declare: which articles result, in any order of the pages."""

import random
from collections.abc import Callable, Sequence

import pytest

from tasks.domain.articles.article import PageContext, parse_article
from tasks.domain.urls.key import url_key
from tests.support.stories import new_store, story
from tests.support.warehouse_rows import NOW
from warehouse.articles import load_batch
from warehouse.records.article import Article
from warehouse.records.outcome import Batch
from warehouse.records.source import Source
from warehouse.store.transaction import transaction

N = 50
SOURCE = Source("alpha", "Alpha News", homepage="https://news.example/")
TITLES = [f"{a}-{b}-{c}" for a in ("bridge", "mayor", "school", "storm") for b in ("closes", "moves", "opens",
    "wins")
          for c in ("today", "again", "quietly", "at-last")]  # fmt: skip


def page(url: str, declared: str, body: str) -> Article:
    html = (
        f'<html lang="en"><head><title>A report</title><link rel="canonical" href="{declared}"></'
        f"head><body><article>"
        f"<h1>A report</h1>{''.join(f'<p>{line}</p>' for line in body.splitlines())}</article></body></html>"
    )
    context = PageContext(
        url=url, final_url=url, url_key=url_key(url), content_type="text/html; charset=utf-8", fetched_at=NOW
    )
    return parse_article(html.encode(), context, SOURCE)


def stored(articles: Sequence[Article], size: int) -> list[tuple[str, int]]:
    """Return the keys of the stored articles, with their numbers of revisions."""
    con = new_store()
    for at in range(0, len(articles), size):
        with transaction(con):
            load_batch(con, Batch("run", articles=tuple(articles[at : at + size])))
    return con.execute("select url_key, n_revisions from core.article order by all").fetchall()


ADDRESSES: dict[str, Callable[[int], str]] = {
    "title": lambda n: f"https://news.example/world/{TITLES[n]}",
    "parameter": lambda n: f"https://news.example/showarticle.php?id={n + 17}",
    "long parameter": lambda n: f"https://news.example/showarticle.php?id={n + 20_418}",
    "section and parameter": lambda n: f"https://news.example/x?cat=10010&id={n + 555_001}",
    "number": lambda n: f"https://news.example/world/{n + 20_418}",
    "number and title": lambda n: f"https://news.example/world/{TITLES[n]}-{n + 20_418}.html",
    "number of the section": lambda n: f"https://news.example/10010/{TITLES[n]}",
    "month and day": lambda n: f"https://news.example/2026/1124/{TITLES[n]}.html",
    "title in a folder": lambda n: f"https://news.example/{TITLES[n]}/fullstory.html",
    "title above a view": lambda n: f"https://news.example/{TITLES[n]}/print-version",
}


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("is_one_of_them", [True, False])
def test_fifty_pages_that_declare_one_address_stay_fifty_articles(name: str, is_one_of_them: bool) -> None:
    address = ADDRESSES[name]
    declared = address(7 if is_one_of_them else N + 1)
    articles = [page(address(n), declared, story(n)) for n in range(N)]
    expected = sorted((url_key(address(n)), 1) for n in range(N))
    for seed, size in ((1, N), (2, 17)):
        random.Random(seed).shuffle(articles)
        assert stored(articles, size) == expected


@pytest.mark.parametrize("declared", ["https://news.example/", "https://news.example/world/"])
def test_fifty_pages_that_declare_the_front_page_or_a_section(declared: str) -> None:
    articles = [page(ADDRESSES["title"](n), declared, story(n)) for n in range(N)]
    assert len(stored(articles, 9)) == N


@pytest.mark.parametrize(
    "urls",
    [
        pytest.param(
            [
                "https://news.example/world/bridge-closes-on-monday",
                "https://news.example/amp/world/bridge-closes-on-monday",
                "https://news.example/mobile/bridge-closes-on-monday.html",
                "https://news.example/print/bridge-closes-on-monday",
                "https://amp.news.example/world/bridge-closes-on-monday",
            ],
            id="by title",
        ),
        pytest.param(
            [
                "https://news.example/world/bridge-closes-20418.html",
                "https://m.news.example/article/20418",
                "https://news.example/showarticle.php?id=20418&view=print",
                "https://news.example/amp/20418",
                "https://news.example/20418/bridge-closes/amp",
            ],
            id="by number",
        ),
    ],
)
def test_views_of_one_text_are_one_article(urls: list[str]) -> None:
    articles = [page(url, urls[0], f"{story(1)}\nThis is view {n}.") for n, url in enumerate(urls)]
    for seed, size in ((1, 9), (2, 1), (3, 2)):
        random.Random(seed).shuffle(articles)
        assert stored(articles, size) == [(url_key(urls[0]), len(urls))]
