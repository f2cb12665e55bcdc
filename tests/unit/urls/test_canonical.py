"""The identity of a page: redirects and canonical URLs, and when they are ignored."""

import pytest

from tasks.domain.urls.canonical import identity_key
from tasks.domain.urls.key import url_key

PAGE = "https://news.example/world/bridge-closes-on-monday?ref=home2"


def identity(page, final=None, declared=None):
    return identity_key(url_key(page), page, final or page, declared)


@pytest.mark.parametrize(
    ("page", "final", "declared", "key"),
    [
        pytest.param(PAGE, None, None, None, id="nothing says otherwise"),
        pytest.param(PAGE, None, PAGE, None, id="the page names itself"),
        pytest.param(
            "https://go.example/r/17", "https://news.example/world/bridge", None, "news.example/world/bridge",
            id="redirect"
        ),
        pytest.param("https://go.example/r/17", "https://news.example/", None, None,
            id="redirect to a front page"),
        pytest.param(
            "https://news.example/rss/bridge-closes-on-monday", None,
            "https://news.example/world/bridge-closes-on-monday",
            "news.example/world/bridge-closes-on-monday", id="same last segment in another section",
        ),
        pytest.param(
            "https://news.example/story?sid=20418", None, "https://news.example/a/20418-bridge-closes",
            "news.example/a/20418-bridge-closes", id="same number",
        ),
        pytest.param(
            "https://news.example/world/bridge-closes-on-monday", None,
            "https://news.example/world/mayor-resigns-at-last",
            None, id="an address that every page declares",
        ),
        pytest.param(
            "https://news.example/2022/bridge-closes", None, "https://news.example/2022/mayor-resigns", None,
            id="a year is not an article's number",
        ),
        pytest.param(
            "https://news.example/world/bridge-closes-on-monday", None, "https://news.example/", None,
            id="the home page"
        ),
        pytest.param(
            "https://news.example/world/bridge-closes-on-monday", None,
            "https://agency.example/bridge-closes-on-monday",
            None, id="another site: syndication, not identity",
        ),
        pytest.param(
            "https://news.example/story?id=20418", None, "https://news.example/story", None,
            id="parameters left out"
        ),
        pytest.param(
            "https://news.example/showarticle.php?id=17", None, "https://news.example/showarticle.php?id=18",
            None,
            id="another article of the same script",
        ),
        pytest.param(
            "https://news.example/amp/showarticle.php?id=17", None, "https://news.example/showarticle.php",
            None,
            id="the script without the article",
        ),
        pytest.param(
            "https://news.example/x?cat=10010&id=555001", None, "https://news.example/x?cat=10010&id=555777",
            None,
            id="the number of the section",
        ),
        pytest.param(
            "https://news.example/story/5603/4909425", None, "https://news.example/story/7331/4909425",
            "news.example/story/7331/4909425", id="the article's number in another section",
        ),
        pytest.param(
            "https://news.example/10010/bridge-closes", None, "https://news.example/10010/mayor-resigns",
            None,
            id="the number of the section in a folder",
        ),
        pytest.param(
            "https://news.example/2026/1124/bridge-closes", None,
            "https://news.example/2026/1124/mayor-resigns",
            None, id="a month and day",
        ),
        pytest.param(
            "https://news.example/1234567/bridge-closes", None,
            "https://news.example/1234567/bridge-closes-at-last",
            "news.example/1234567/bridge-closes-at-last",
            id="the article's number in a folder, its title changed",
        ),
        pytest.param(
            "https://news.example/bridge-closes/fullstory.html", None,
            "https://news.example/mayor-resigns/fullstory.html", None, id="each article's whole text",
        ),
        pytest.param(
            "https://news.example/bridge-closes/print-version", None,
            "https://news.example/mayor-resigns/print-version", None, id="each article's print view",
        ),
        pytest.param(
            "https://news.example/2026/11/24/bridge-closes-on-monday", None,
            "https://news.example/2026/11/25/bridge-closes-on-monday",
            "news.example/2026/11/25/bridge-closes-on-monday", id="the same title in another day's folder",
        ),
        pytest.param(
            "https://news.example/bridge-closes/2", None, "https://news.example/mayor-resigns/2", None,
            id="second pages",
        ),
        pytest.param(
            "https://news.example/print/"
                "%E6%A9%8B%E3%81%AE%E9%96%89%E9%8E%96%E3%81%AB%E3%81%A4%E3%81%84%E3%81%A6",
            None, "https://news.example/world/橋の閉鎖について",
            "news.example/world/%E6%A9%8B%E3%81%AE%E9%96%89%E9%8E%96%E3%81%AB%E3%81%A4%E3%81%84%E3%81%A6",
            id="a title without spaces",
        ),
    ],
)  # fmt: skip
def test_identity_key(page, final, declared, key):
    assert identity(page, final, declared) == key
