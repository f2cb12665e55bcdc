"""The last resort of dating: what htmldate is given to read."""

from datetime import UTC, datetime

import htmldate

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.interpret import Frame
from tasks.domain.pages.metadata import read_page_head
from tasks.domain.pages.tree import parse_html
from tasks.domain.publication.last_resort import find_last_resort

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_a_page_of_many_titles_is_searched_without_most_of_them(monkeypatch):
    """htmldate's search for titles takes time that grows with their square."""
    n_titles = []

    def find_date(root, **options):
        n_titles.append(len(root.findall(".//title")))

    monkeypatch.setattr(htmldate, "find_date", find_date)
    root = parse_html("<body>" + "<title>A</title>" * 5_000 + "<p>Text</p>")
    page = read_page_head(root, "https://daily.example/news/1")
    assert list(find_last_resort(page, Frame(DateContext(now=NOW), "htmldate"))) == []
    assert n_titles == [20]
