"""Hand-made pages in different layouts: each is extracted word for word, without selectors."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tasks.domain.articles.article import PageContext, read_article
from tasks.domain.articles.fields import moment_text
from warehouse.records.article import Article
from warehouse.records.source import Source

FOLDER = Path(__file__).parents[2] / "golden" / "articles"
PAGES = sorted(FOLDER.glob("*.html"))


def read(page: Path) -> tuple[Article, dict[str, Any]]:
    truth = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    source = Source(
        "s",
        "The Source",
        timezone=truth["timezone"],
        date_order=truth["date_order"],
        language=truth["language"],
    )
    at = datetime.fromisoformat(truth["fetched"])
    reading = read_article(
        page.read_bytes(), PageContext(truth["url"], truth["url"], "k", fetched_at=at), source
    )
    assert reading.refusal is None, reading.refusal
    return reading.article, truth


def test_there_are_pages():
    assert len(PAGES) >= 12


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_comes_out_as_its_truth_says(page):
    article, truth = read(page)
    assert article.body.split("\n") == truth["body"]
    assert article.title == truth["title"]
    assert article.published is not None
    assert moment_text(article.published) == truth["published"]
    assert article.source_credit == truth["source_credit"]
    assert list(article.authors) == truth["authors"]
    assert article.dateline_place == truth["dateline_place"]
    assert article.language == truth["language"]


def test_every_field_says_where_it_was_found():
    article, _ = read(FOLDER / "german_plain.html")
    chosen = {origin.field: origin for origin in article.origins if origin.chosen}
    assert chosen["title"].origin == "og_title"
    assert chosen["published"].origin == "visible_text"
    assert "5. Juni 2021, 21:34 Uhr" in chosen["published"].evidence
    assert chosen["authors"].evidence == "Von Jutta Meinhard"
    assert chosen["source_credit"].evidence == "Quelle: dpa"
    assert chosen["dateline_place"].value == "Rauda"


def test_reading_direction_and_words_follow_the_script():
    arabic, _ = read(FOLDER / "arabic.html")
    chinese, _ = read(FOLDER / "chinese.html")
    assert arabic.direction == "rtl"
    assert chinese.direction == "ltr"
    assert chinese.word_count > 90  # by the character: the four paragraphs have no spaces
