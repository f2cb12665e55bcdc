"""Which article a page is: redirects and canonical addresses, and when they are not believed."""

import pytest

from tasks.domain.identity import identity_key
from tasks.domain.url import url_key

PAGE = "https://news.example/world/bridge-closes-on-monday?ref=home2"


def identity(page, final=None, declared=None):
    return identity_key(url_key(page), page, final or page, declared)


@pytest.mark.parametrize(
    ("page", "final", "declared", "key"),
    [
        pytest.param(PAGE, None, None, None, id="nothing says otherwise"),
        pytest.param(PAGE, None, PAGE, None, id="the page names itself"),
        pytest.param(
            "https://go.example/r/17", "https://news.example/world/bridge", None, "news.example/world/bridge", id="redirect"
        ),
        pytest.param("https://go.example/r/17", "https://news.example/", None, None, id="redirect to a front page"),
        pytest.param(
            "https://news.example/rss/bridge-closes-on-monday", None, "https://news.example/world/bridge-closes-on-monday",
            "news.example/world/bridge-closes-on-monday", id="same last segment in another section",
        ),
        pytest.param(
            "https://news.example/story?sid=20418", None, "https://news.example/a/20418-bridge-closes",
            "news.example/a/20418-bridge-closes", id="same number",
        ),
        pytest.param(
            "https://news.example/world/bridge-closes-on-monday", None, "https://news.example/world/mayor-resigns-at-last",
            None, id="an address that every page declares",
        ),
        pytest.param(
            "https://news.example/2022/bridge-closes", None, "https://news.example/2022/mayor-resigns", None,
            id="a year is no article's number",
        ),
        pytest.param(
            "https://news.example/world/bridge-closes-on-monday", None, "https://news.example/", None, id="the home page"
        ),
        pytest.param(
            "https://news.example/world/bridge-closes-on-monday", None, "https://agency.example/bridge-closes-on-monday",
            None, id="another site: syndication, not identity",
        ),
        pytest.param(
            "https://news.example/story?id=20418", None, "https://news.example/story", None, id="parameters left out"
        ),
    ],
)  # fmt: skip
def test_identity_key(page, final, declared, key):
    assert identity(page, final, declared) == key
