"""How a page names its publisher."""

import pytest

from tasks.domain.articles.fields import read_fields
from tasks.domain.pages.metadata import read_page_head
from tasks.domain.pages.tree import parse_html
from warehouse.records.source import Source

TITLE = "Harbour council votes for a second ferry line"


def site_name(title: str, head: str) -> str | None:
    root = parse_html(f"<head><title>{title}</title>{head}</head><body><h1>{TITLE}</h1></body>")
    assert root is not None
    page = read_page_head(root, "https://coastpost.example/news/a")
    return read_fields(page, Source("page", ""), None, None).site_name


def og(name: str) -> str:
    return f'<meta property="og:site_name" content="{name}">'


@pytest.mark.parametrize(
    ("title", "head", "name"),
    [
        pytest.param(TITLE, og(" Coast  Post "), "Coast Post", id="as it is"),
        pytest.param(f"{TITLE} | Coast Post", og("coastpost"), "Coast Post", id="spelt out in the title tag"),
        pytest.param(f"{TITLE} - CoastPost", og("coastpost"), "CoastPost", id="with capitals"),
        pytest.param(f"{TITLE} | coast post", og("Coast Post"), "Coast Post", id="not without capitals"),
        pytest.param(f"{TITLE} | Hull", og("coastpost"), "coastpost", id="another name is no spelling"),
        pytest.param(
            TITLE,
            og("coastpost") + '<meta name="application-name" content="The Coast Post">'
            '<meta name="publisher" content="Coast Post">',
            "Coast Post",
            id="spelt out in the metadata",
        ),
        pytest.param(f"{TITLE} | Coast Post", og("https://coastpost.example"), None, id="an address is none"),
    ],
)
def test_the_publisher_in_its_most_readable_spelling(title, head, name):
    assert site_name(title, head) == name
