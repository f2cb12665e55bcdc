"""Headlines: what places agree on, site names taken off, kickers left out."""

import pytest

from tasks.domain.articles.recurring import learn_title_tails, strip_title_tail
from tasks.domain.pages.json_ld import ARTICLE_TYPES
from tasks.domain.pages.metadata import read_page_head
from tasks.domain.pages.tree import parse_html
from tasks.domain.titles.title import choose_title, collect_titles, strip_site


def title_of(
    html: str, *, feed_title: str | None = None, url: str = "https://www.daily.example/a"
) -> str | None:
    root = parse_html(html)
    assert root is not None
    head = read_page_head(root, url)
    articles = head.linked.of_type(ARTICLE_TYPES)
    chosen = choose_title(collect_titles(head, site_names=[], feed_title=feed_title, articles=articles))
    return chosen.value if chosen else None


@pytest.mark.parametrize(
    ("html", "title"),
    [
        pytest.param(
            "<title>Rain in May | The Daily</title><meta property='og:site_name' content='The Daily'><h1>Rain in May</h1>",
            "Rain in May",
            id="the site's name goes from the title tag",
        ),
        pytest.param(
            "<title>x</title><meta property='og:title' content='Council votes for the new bridge'>"
            "<h1><span class='kicker'>Traffic</span> Council votes for the new bridge</h1>",
            "Council votes for the new bridge",
            id="a kicker inside the heading goes",
        ),
        pytest.param(
            "<meta property='og:title' content='Council votes for the new bridge'>"
            "<h1>Traffic: Council votes for the new bridge</h1>",
            "Council votes for the new bridge",
            id="og:title without the kicker is the headline",
        ),
        pytest.param(
            "<title>Mayor steps down - The Daily</title><h1><a href='/'>The Daily</a></h1><h2>Mayor steps down</h2>",
            "Mayor steps down",
            id="an h1 that only leads home is no headline",
        ),
        pytest.param(
            "<script type='application/ld+json'>{'bad json</script>"
            '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Seven ways to save on heating",}</script>'
            "<meta property='og:title' content='How to heat for less'><h1>How to heat for less</h1>",
            "How to heat for less",
            id="what readers see wins over a headline for machines",
        ),
        pytest.param(
            "<title>东港新码头投入使用-海湾网</title>", "东港新码头投入使用", id="a Chinese site's name goes"
        ),
        pytest.param("<title>Home</title><h1>Time to say goodbye</h1>", "Time to say goodbye", id="a generic title tag is none"),
        pytest.param(
            "<title>LTE-Patent: Samsung soll zahlen - Heise.example</title>"
            "<meta property='og:title' content='LTE-Patent: Samsung soll zahlen'>"
            "<h1><span class='top'>LTE-Patent</span><span>: </span><span>Samsung soll zahlen</span></h1>",
            "LTE-Patent: Samsung soll zahlen",
            id="the machine's writing where markup splits the heading",
        ),
    ],
)  # fmt: skip
def test_title(html, title):
    assert title_of(f"<html><body>{html}<p>Text.</p></body></html>") == title


def test_a_feed_names_what_the_page_does_not():
    assert (
        title_of("<html><body><p>Text without any heading.</p></body></html>", feed_title="From the feed")
        == "From the feed"
    )


@pytest.mark.parametrize(
    ("title", "stripped"),
    [
        ("Harbour opens - Daily Wire", "Harbour opens"),
        ("Daily Wire | Harbour opens", "Harbour opens"),
        ("Feuerwehr- und Katastrophenschutz geehrt", "Feuerwehr- und Katastrophenschutz geehrt"),
        ("So viel Regen : 31.10.2023, 10.19 Uhr", "So viel Regen"),
    ],
)
def test_strip_site(title, stripped):
    assert strip_site(title, {"dailywire"}, []) == stripped


def test_tails_are_learnt_from_a_site_s_own_titles():
    titles = [f"Story number {n} – News from Elsewhere" for n in range(4)]
    tails = learn_title_tails(titles)
    assert [strip_title_tail(title, tails) for title in titles] == [f"Story number {n}" for n in range(4)]


def test_two_titles_teach_nothing():
    assert not learn_title_tails(["Rain in May – The Daily", "Snow in May – The Daily"])
