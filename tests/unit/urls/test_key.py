"""Which URLs identify one article. Keys are written by hand."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.urls.key import article_id, believed_canonical, explain_url_key, url_key
from tasks.errors import ErrorClass, ItemError

CORPUS = Path(os.environ.get("WIREHOUSE_CORPUS", Path(__file__).parents[3].parent / "shared" / "corpus"))
PAIRS = CORPUS / "dedup" / "url_pairs_dev.json"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        pytest.param("http://www.example.org/a?utm_source=rss", "example.org/a",
            id="tracking parameter is removed"),
        pytest.param("https://example.org/a?page=2", "example.org/a?page=2", id="identity parameter is kept"),
        pytest.param("https://example.org", "example.org/", id="the root keeps its slash"),
        pytest.param("https://example.org/a/?b=2&a=1", "example.org/a?a=1&b=2", id="parameters are sorted"),
        pytest.param("https://example.org/a?x=2&x=1", "example.org/a?x=2&x=1", id="repeats keep their order"),
        pytest.param("https://example.org/a?x=1&x=1", "example.org/a?x=1", id="an equal repeat is removed"),
        pytest.param("https://example.org/a?&id=1&", "example.org/a?id=1", id="blank parameters are removed"),
        pytest.param("https://example.org/a?id=&b=1", "example.org/a?b=1&id",
            id="an empty value equals no value"),
        pytest.param("https://example.org/news.php?article300=", "example.org/news.php?article300",
            id="a name alone selects the article"),
        pytest.param("https://example.org/news.php?article301", "example.org/news.php?article301",
            id="and another one"),
        pytest.param("https://example.org/a?utm_source=&id=4", "example.org/a?id=4",
            id="a tracker without value is removed"),
        pytest.param("https://example.org/a?=5", "example.org/a", id="a value without name is removed"),
        pytest.param("https://example.org/a?wpamp", "example.org/a", id="WordPress AMP"),
        pytest.param("https://amp-www.example.org/a", "example.org/a", id="amp- before the host"),
        pytest.param("https://amp-news.example.org/a", "news.example.org/a",
            id="amp- before a label that stays"),
        pytest.param("https://amp-shop.org/a", "amp-shop.org/a", id="a domain that begins with amp-"),
        pytest.param("https://example.org/a?_guc_consent_skip=1646", "example.org/a", id="consent skipped"),
        pytest.param("https://example.org/a?xtloc=1&xtdt=2&xtan=3", "example.org/a", id="AT Internet"),
        pytest.param("https://example.org/a?ref=tw_i", "example.org/a", id="share button, abbreviated"),
        pytest.param("https://example.org/a?platform=hootsuite", "example.org/a", id="tool that posts links"),
        pytest.param("https://example.org/a?platform=ps5", "example.org/a?platform=ps5",
            id="another platform stays"),
        pytest.param("https://example.org/a?ao_noptimize=1", "example.org/a", id="without optimisation"),
        pytest.param("https://example.org/2026/harbour-opens-on-monday?s=20",
            "example.org/2026/harbour-opens-on-monday", id="Twitter's code of the app"),
        pytest.param("https://example.org/?s=20", "example.org/?s=20", id="a search for 20"),
        pytest.param("https://example.org/story.php?s=20", "example.org/story.php?s=20",
            id="an id in two digits"),
        pytest.param("https://example.org/?12345", "example.org/?12345", id="a bare id stays"),
        pytest.param("https://example.org/?/news/5", "example.org/?/news/5", id="a route in the query stays"),
        pytest.param("https://example.org/a?CMP=share_btn_tw", "example.org/a", id="names in any case"),
        pytest.param("https://example.org/a?ref=rss", "example.org/a", id="ref that names a feed is removed"),
        pytest.param("https://example.org/a?ref=41", "example.org/a?ref=41",
            id="ref that may be an id is kept"),
        pytest.param("https://example.org/a?ncid=newsltus", "example.org/a",
            id="campaign in words is removed"),
        pytest.param("https://example.org/a?ncid=55", "example.org/a?ncid=55",
            id="the same in digits is kept"),
        pytest.param("https://example.org/a?id=1&amp;utm_source=x", "example.org/a?id=1",
            id="escaped ampersand"),
        pytest.param("https://example.org/a?id=1&#038;p=2", "example.org/a?id=1&p=2", id="numeric entity"),
        pytest.param("https://example.org/a?id=1;p=2", "example.org/a?id=1&p=2", id="semicolons separate"),
        pytest.param("https://example.org/a?q=b;c", "example.org/a?q=b%3Bc",
            id="a semicolon in a value stays"),
        pytest.param("https://example.org/a?id=1?utm_source=x", "example.org/a?id=1",
            id="second question mark"),
        pytest.param("https://example.org/a&utm_source=x", "example.org/a", id="tracking glued to the path"),
        pytest.param("https://example.org/a%3Futm_source%3Dx", "example.org/a", id="tracking glued, encoded"),
        pytest.param("https://example.org/this&that=2", "example.org/this&that=2",
            id="other ampersands stay"),
        pytest.param("https://example.org/a?amp", "example.org/a", id="amp without a value"),
        pytest.param("https://example.org/a?amp=17", "example.org/a?amp=17", id="amp with a number stays"),
        pytest.param("https://example.org/amp/2026/05/a", "example.org/2026/05/a", id="amp first"),
        pytest.param("https://example.org/news/a.amp", "example.org/news/a", id="amp as an ending"),
        pytest.param("https://example.org/amp", "example.org/amp", id="amp alone stays"),
        pytest.param("https://example.org/shop/amp/4", "example.org/shop/amp/4",
            id="amp in the middle stays"),
        pytest.param("https://amp.example.org/a", "example.org/a", id="amp host"),
        pytest.param("https://google.com/amp/s/example.org/a%3Famp", "example.org/a", id="Google's viewer"),
        pytest.param("https://example-org.cdn.ampproject.org/c/s/example.org/a", "example.org/a",
            id="AMP cache"),
        pytest.param("https://www.google.de/url?q=https://example.org/a&sa=U", "example.org/a",
            id="redirector"),
        pytest.param("https://de.m.example.org/a", "de.example.org/a", id="mobile label inside"),
        pytest.param("https://m.example.co.uk/a", "example.co.uk/a",
            id="mobile host under a two-part suffix"),
        pytest.param("https://m.co.uk/a", "m.co.uk/a", id="a domain called m"),
        pytest.param("https://www2.example.org/a", "www2.example.org/a", id="www2 may be another service"),
        pytest.param("https://edition.example.org/a", "edition.example.org/a", id="editions stay apart"),
        pytest.param("https://user:pw@example.org.:443/a", "example.org/a",
            id="user, final dot, default port"),
        pytest.param("https://example.org:8443/a", "example.org:8443/a", id="other port stays"),
        pytest.param("https://[2001:DB8::1]:81/a", "[2001:db8::1]:81/a", id="IPv6"),
        pytest.param("https://EXÄMPLE.org/a", "xn--exmple-cua.org/a", id="IDN"),
        pytest.param("https://example.org/a%2fb%7e", "example.org/a%2Fb~", id="escapes in one form"),
        pytest.param("https://example.org/a b", "example.org/a%20b", id="a raw space"),
        pytest.param("https://example.org/100%", "example.org/100%25", id="a lone percent sign"),
        pytest.param("https://example.org/cafe%CC%81", "example.org/caf%C3%A9", id="composed letters"),
        pytest.param("https://example.org/%EF%F0", "example.org/%EF%F0", id="an old encoding stays"),
        pytest.param("https://example.org//a//b/", "example.org/a/b", id="double slashes"),
        pytest.param("https://example.org/../a", "example.org/a", id="dots above the root"),
        pytest.param("https://example.org/a/default.aspx?id=4", "example.org/a?id=4", id="index page"),
        pytest.param("https://example.org/(S(lit3py55t21z5v55vlm25s55))/a", "example.org/a",
            id="session segment"),
        pytest.param("https://example.org/a;v=2", "example.org/a;v=2", id="other path parameters stay"),
        pytest.param("https://example.org/2026/a/print/", "example.org/2026/a", id="print view in the path"),
        pytest.param("https://example.org/2026/05/a.html?m=1", "example.org/2026/05/a.html",
            id="Blogger mobile"),
        pytest.param("https://example.org/?m=1", "example.org/?m=1", id="another m stays"),
        pytest.param("https://example.org/a?share=twitter", "example.org/a", id="share button"),
        pytest.param("https://example.org/a?share=17", "example.org/a?share=17", id="a share's number stays"),
        pytest.param("https://example.org/#/article/10", "example.org/#/article/10", id="hash route"),
        pytest.param("https://example.org/#!/8?utm_source=x", "example.org/#!/8",
            id="tracking inside a route"),
        pytest.param("https://example.org/a#/", "example.org/a", id="an empty route is removed"),
        pytest.param("  https:\\\\example.org\\a\n", "example.org/a", id="backslashes and white space"),
        pytest.param("//example.org/a", "example.org/a", id="no scheme but two slashes"),
    ],
)  # fmt: skip
def test_url_key(url: str, key: str) -> None:
    assert url_key(url) == key
    assert url_key(f"https://{key}") == key


@pytest.mark.parametrize(
    "url",
    ["", "example.org/a", "ftp://example.org/a", "https://", "https:///a", "mailto:a@example.org",
        "https://a b/",
     "javascript:alert(1)", "https://example.org:99999/", "https://[::1/", "https://a..b/",
     "https://" + "a" * 9000],
)  # fmt: skip
def test_no_key(url: str) -> None:
    with pytest.raises(ItemError) as caught:
        url_key(url)
    assert caught.value.error_class is ErrorClass.BAD_URL
    assert caught.value.url == url


_PIECES = st.sampled_from(
    ["/", "//", "?", "&", "=", "#", "#!", "#/", ";", "%", "%25", "%2F", "%3F", "%41", ".", "..", "amp",
        "amp;", "print",
     "index.html", "utm_source=x", "id=1", "www.", "m.", "example.org", "google.com/amp/s/", "é", "e\u0301",
     "K", " ",
     "+", ":80", "@", "\\", "[", "]", "jsessionid=1", "&amp;", "a", "1", "share=x", ".amp", "ref=rss",
     "\ufffd"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=14).map("".join)), st.booleans())
def test_any_text_gives_a_key_that_is_its_own_or_our_error(text: str, is_bare: bool) -> None:
    url = text if is_bare else f"https://example.org/{text}"
    try:
        key = url_key(url)
    except ItemError as error:
        assert error.error_class is ErrorClass.BAD_URL
        return
    assert url_key(f"https://{key}") == key
    assert url_key(f"http://{key}") == key


def test_labelled_pairs() -> None:
    if not PAIRS.exists():
        pytest.skip("the deduplication corpus is not here; set WIREHOUSE_CORPUS")
    pairs = json.loads(PAIRS.read_text())
    merged = [p for p in pairs if not p["same"] and url_key(p["a"]) == url_key(p["b"])]
    same = [p for p in pairs if p["same"]]
    found = [p for p in same if url_key(p["a"]) == url_key(p["b"])]
    assert merged == []
    assert len(found) == len(same)


def test_steps_say_what_was_done() -> None:
    explained = explain_url_key("https://www.example.org/a/amp?utm_source=x&id=4#top")
    assert explained.key == "example.org/a?id=4"
    assert explained.steps == (
        "host www.example.org reduced to example.org",
        "AMP or print view reduced to its article",
        "parameter utm_source dropped",
        "fragment dropped",
    )


def test_article_id_is_frozen() -> None:
    assert article_id("example.org/a") == "94584207-f807-e901-fa3f-47eaaf3d3ff3"


@pytest.mark.parametrize(
    ("declared", "believed", "syndication"),
    [
        pytest.param("https://example.org/2026/a", True, False, id="itself"),
        pytest.param("/2026/b-long", True, False, id="relative, another path of the site"),
        pytest.param("https://shop.example.org/2026/a", True, False, id="another host of the same owner"),
        pytest.param("https://example.org/", False, False, id="home page"),
        pytest.param("https://example.org/2026", False, False, id="section above"),
        pytest.param("https://other.org/x/story-1", False, True, id="another site: evidence only"),
        pytest.param("https://other.org/", False, False, id="another site's home page"),
        pytest.param("javascript:void(0)", False, False, id="no address"),
        pytest.param("", False, False, id="empty"),
        pytest.param(None, False, False, id="none"),
    ],
)
def test_canonical(declared: str | None, believed: bool, syndication: bool) -> None:
    verdict = believed_canonical("https://example.org/2026/a", "https://example.org/2026/a", declared)
    assert (verdict.is_believed, verdict.is_syndication) == (believed, syndication)
    assert verdict.reason.endswith((".", "host."))


def test_canonical_that_forgets_the_id_is_not_believed() -> None:
    page = "https://example.org/story.php?id=4"
    assert not believed_canonical(page, page, "https://example.org/story.php").is_believed


def test_hosts_on_a_shared_platform_are_two_sites() -> None:
    page = "https://anna.blogspot.com/2026/05/a.html"
    assert believed_canonical(page, page, "https://bert.blogspot.com/2026/05/a.html").is_syndication
