"""Listings proposed from the repeated structure of a page: the selectors, and what they give."""

from datetime import UTC, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.parse import read_document
from tasks.domain.feeds.repeated import propose_listing
from warehouse.records.source import FeedKind, ListingRules

URL = "https://gazette.example/news/"
CONTEXT = DateContext(datetime(2026, 4, 1, tzinfo=UTC))
PAGE = (
    '<html><body><nav><ul><li><a href="/menu">Everything about the harbour and the town</a></li></ul></nav>'
    '<div id="main">{}</div><div class="side"><ul>{}</ul></div></body></html>'
)
SIDE = "".join(f'<li><a href="/n/{n}">Ferry number {n} returns to harbour</a></li>' for n in (1, 2, 3))


def rows(form):
    return "".join(form.format(n=n) for n in (1, 2, 3, 4, 5))


LINK = '<a href="/n/{n}">Ferry number {n} returns to harbour</a>'
CASES = [
    pytest.param(
        rows(
            f'<div class="teaser item-{{n}}"><a href="/n/{{n}}"><img></a><h3>{LINK}</h3><p>A teaser.</p>'
            '<span class="date">0{n}.03.2026 10:15</span></div>'
        ),
        ListingRules("div.teaser", "h3 a", None, "span.date"),
        id="cards with a picture link",
    ),
    pytest.param(
        rows(
            '<a class="card" href="/n/{n}"><h2>Ferry number {n} returns to harbour</h2>'
            '<time datetime="2026-03-0{n}">last week</time></a>'
        ),
        ListingRules("a.card", "a", "h2", "time"),
        id="the card is the link",
    ),
    pytest.param(
        "<table class='list'>" + rows(f"<tr><td>{{n}} March 2026</td><td>{LINK}</td></tr>") + "</table>",
        ListingRules("table.list > tr", "a", None, "td"),
        id="table",
    ),
    pytest.param(
        "<ul>" + rows(f"<li><i>0{{n}}/03/2026</i> {LINK}</li>") + "</ul>",
        ListingRules("div#main > ul > li", "a", None, "i"),
        id="plain list",
    ),
    pytest.param(
        rows(
            '<p class="p"><a class="more" href="/n/{n}">more</a>'
            '<a class="t" href="/n/{n}">港口渡轮今天恢复通航第{n}</a></p>'
        ),
        ListingRules("p.p", "a.t", None, None),
        id="a script without spaces",
    ),
]


@pytest.mark.parametrize(("main", "rules"), CASES)
def test_the_main_list_is_proposed_and_reads_as_it_is_shown(main, rules):
    body = PAGE.format(main, SIDE).encode()
    assert propose_listing(body, URL, "text/html", CONTEXT) == rules
    listing = read_document(body, CONTEXT, url=URL, kind=FeedKind.LISTING, listing=rules)
    assert [item.link for item in listing.entries] == [
        f"https://gazette.example/n/{n}" for n in (1, 2, 3, 4, 5)
    ]
    assert all(item.published is not None for item in listing.entries) is (rules.date is not None)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("<html><p>Only text.</p></html>", id="no links"),
        pytest.param(PAGE.format("<p>An article.</p>", ""), id="only a menu"),
        pytest.param(
            rows('<p class="t"><a href="https://other.example/{n}">A partner has news, number {n}</a></p>'),
            id="another site",
        ),
        pytest.param(
            rows('<p class="t"><a href="/subscribe">Subscribe to our newsletter today</a></p>'),
            id="one target",
        ),
    ],
)
def test_a_page_without_a_list(page):
    assert propose_listing(page.encode(), URL, "text/html", CONTEXT) is None
