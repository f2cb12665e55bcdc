"""Validation of a URL before a request."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.errors import ErrorClass
from tasks.http_client.errors import Fault
from tasks.http_client.target import host_key_of, join_location, parse_target


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        pytest.param("HTTP://Example.ORG", "http://example.org/", id="case and path"),
        pytest.param("  https://example.org/a \n", "https://example.org/a", id="blanks around"),
        pytest.param("https://example.org/a\r\n\tb", "https://example.org/ab", id="line breaks inside"),
        pytest.param("https://example.org/a b", "https://example.org/a%20b", id="blanks inside"),
        pytest.param("https://example.org/a\x00b", "https://example.org/a%00b", id="control characters"),
        pytest.param("https://example.org/a?q=1#top", "https://example.org/a?q=1", id="fragment goes"),
        pytest.param("https://example.org?q=1", "https://example.org/?q=1", id="query without path"),
        pytest.param("https://example.org:443/", "https://example.org/", id="port of the scheme"),
        pytest.param("http://example.org:443/", "http://example.org:443/", id="port of the other scheme"),
        pytest.param("https://example.org./a", "https://example.org/a", id="final dot"),
        pytest.param("https://новости.рф/", "https://xn--b1amnebsh.xn--p1ai/", id="IDN"),
        pytest.param("https://ＥＸＡＭＰＬＥ.org/", "https://example.org/", id="wide letters"),
        pytest.param("http://[2001:DB8:0:0::1]:80/", "http://[2001:db8::1]/", id="IPv6"),
        pytest.param("https://my_site.example.org/", "https://my_site.example.org/", id="underscore"),
    ],
)
def test_sent_as(url, sent):
    assert parse_target(url).url == sent


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "example.org/a",
        "//example.org/a",
        "http:",
        "http://",
        "http:///a",
        "http://:80/",
        "http://user@example.org/",
        "http://user:pw@example.org/",
        "http://a\\b/",
        "http://a%2eb/",
        "http://a b/",
        "http://a..b/",
        "http://.a/",
        "http://-a-/",
        "http://" + "a" * 64 + "/",
        "http://" + "a." * 130 + "org/",
        "http://[::1/",
        "http://[1.2.3.4]/",
        "http://[v1.x]/",
        "http://[fe80::1%25eth0]/",
        "http://a:b/",
        "http://a:65536/",
        "http://a:0/",
        "http://a:-1/",
        "http://☃️‍/",
        "http://a/" + "b" * 9000,
    ],
)
def test_bad_url(url):
    with pytest.raises(Fault) as caught:
        parse_target(url)
    assert caught.value.error_class is ErrorClass.BAD_URL
    assert len(caught.value.reason) < 1500


@pytest.mark.parametrize(
    "url", ["ftp://a/", "file:///etc/passwd", "javascript:x", "mailto:a@b.org", "about:blank"]
)
def test_blocked_scheme(url):
    with pytest.raises(Fault) as caught:
        parse_target(url)
    assert caught.value.error_class is ErrorClass.BLOCKED_SCHEME


@given(st.text())
@example("\x85#")
@example("a\u3000?\u2003#x")
def test_any_text_gives_a_target_or_a_fault(text):
    for url in (text, "http://" + text, "https://example.org/" + text):
        try:
            target = parse_target(url)
        except Fault:
            continue
        assert target.url.startswith(("http://", "https://"))
        assert not any(c in target.url for c in " \r\n\t\x00")
        assert parse_target(target.url) == target


@given(st.text(), st.text())
def test_any_location_gives_an_address_or_a_fault(base, location):
    with suppress(Fault):
        parse_target(join_location("https://example.org/" + base, location))


@pytest.mark.parametrize(
    ("location", "absolute"),
    [
        pytest.param("/b", "https://example.org/b", id="path"),
        pytest.param("c", "https://example.org/a/c", id="relative"),
        pytest.param("//other.example/", "https://other.example/", id="scheme kept"),
        pytest.param("?page=2", "https://example.org/a/b?page=2", id="query"),
        pytest.param("http:///d", "http:///d", id="an empty host is not this host"),
        pytest.param("/\u00d0\u00ba", "https://example.org/к", id="UTF-8 that came as latin-1"),
        pytest.param("/\u00e9", "https://example.org/é", id="latin-1"),
    ],
)
def test_join_location(location, absolute):
    assert join_location("https://example.org/a/b", location) == absolute


def test_http_and_https_are_one_host_other_ports_are_not():
    assert host_key_of("http://example.org/") == host_key_of("https://example.org/a") == "example.org"
    assert host_key_of("http://example.org:8080/") == "example.org:8080"
    assert host_key_of("mailto:x") == ""
