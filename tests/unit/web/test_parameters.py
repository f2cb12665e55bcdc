"""Query strings to selections and back; hosts."""

from datetime import date

import pytest

from flows.terminal.filters import read_url
from warehouse.reading.filters import Selection
from web.parameters import Parameters, parse_page_request, query_string
from web.safety import host_name


def request_of(query):
    return parse_page_request(Parameters.parse(query), read_url)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=oil+OR+gas&source=alpha&source=beta&lang=de&since=2026-11-01&until=2026-11-02&edited=1&"
        "copied=1&sort=best",
        "q=%E6%9D%B1%E4%BA%AC",
        "q=a%26b",
        "q=https%3A%2F%2Fnews.example%2F1%3Fa%3D1",
    ],
)
def test_a_query_string_comes_back(query):
    assert query_string(request_of(query)) == query


def test_a_changed_selection():
    request = request_of("q=oil&source=alpha")
    assert query_string(request, sources=()) == "q=oil"
    assert query_string(request, since=date(2026, 1, 2)) == "q=oil&source=alpha&since=2026-01-02"


def test_repeated_and_empty_values_count_once_and_not_at_all():
    selection = request_of("source=a&source=&source=a&q=+").selection
    assert selection == Selection(sources=("a",))


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("127.0.0.1:8484", "127.0.0.1"), ("LOCALHOST", "localhost"), ("localhost.", "localhost"),
            ("[::1]:80", "[::1]"),
        ("[::1].evil.example", "[::1]"), ("", ""), ("a.example:80:80", "a.example"),
    ],
)  # fmt: skip
def test_host_names(host, name):
    assert host_name(host) == name
