"""Titles: places that agree, site names removed, kickers removed."""

import pytest

from tasks.domain.articles.recurring import learn_title_tails, strip_title_tail
from tasks.domain.pages.json_ld import ARTICLE_TYPES
from tasks.domain.pages.metadata import read_page_head
from tasks.domain.pages.tree import parse_html
from tasks.domain.titles.site_names import site_keys, strip_site
from tasks.domain.titles.title import choose_title, collect_titles

PROSE = "She kept the boats of the harbour for fifty years and taught the children of the town to sail."


def title_of(
    html: str, *, feed_title: str | None = None, url: str = "https://www.daily.example/a"
) -> str | None:
    root = parse_html(html)
    assert root is not None
    head = read_page_head(root, url)
    articles = head.linked.of_type(ARTICLE_TYPES)
    sites = site_keys(head, [])
    chosen = choose_title(collect_titles(head, sites=sites, feed_title=feed_title, articles=articles))
    return chosen.value if chosen else None


@pytest.mark.parametrize(
    ("html", "title"),
    [
        pytest.param(
            "<title>Rain in May | The Daily</title><meta property='og:site_name' content='The "
                "Daily'><h1>Rain in May</h1>",
            "Rain in May",
            id="the site's name is removed from the title tag",
        ),
        pytest.param(
            "<title>x</title><meta property='og:title' content='Council votes for the new bridge'>"
            "<h1><span class='kicker'>Traffic</span> Council votes for the new bridge</h1>",
            "Council votes for the new bridge",
            id="a kicker inside the heading is removed",
        ),
        pytest.param(
            "<meta property='og:title' content='Council votes for the new bridge'>"
            "<h1>Traffic: Council votes for the new bridge</h1>",
            "Council votes for the new bridge",
            id="og:title without the kicker is the headline",
        ),
        pytest.param(
            "<title>« Je reste » : le maire s'explique devant le conseil - Le Quotidien</title>"
            "<h1>« Je reste » : le maire s'explique devant le conseil</h1>",
            "« Je reste » : le maire s'explique devant le conseil",
            id="a guillemet that ends a quotation is no separator",
        ),
        pytest.param(
            "<title>Ann Roe obituary | Sailing | The Daily Courier</title><h1>Ann Roe obituary</h1>"
            "<p><a rel=author href=/by/jo>Jo Sayle</a></p><p>Thu 19 Feb 2026</p>"
            f"<p>{PROSE}</p><p>{PROSE}</p><aside><a href=/2><h3>Peter Varley obituary</h3></a></aside>"
            f"<p>{PROSE} {PROSE}</p><p>{PROSE} {PROSE}</p>",
            "Ann Roe obituary",
            id="a short h1 above the text is no masthead, a box within it has no headline",
        ),
        pytest.param(
            "<title>Traffic | Council votes for the new bridge | The Daily</title>"
            "<h1><span>Traffic</span><br>Council votes for the new bridge</h1>",
            "Council votes for the new bridge",
            id="a kicker in the heading that is a part of the title tag is removed",
        ),
        pytest.param(
            "<title>Mayor steps down - The Daily</title><h1><a href='/'>The Daily</a></h1><h2>"
                "Mayor steps down</h2>",
            "Mayor steps down",
            id="an h1 that only links to the home page is not a headline",
        ),
        pytest.param(
            "<script type='application/ld+json'>{'bad json</script>"
            '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Seven ways to '
                'save on heating",}</script>'
            "<meta property='og:title' content='How to heat for less'><h1>How to heat for less</h1>",
            "How to heat for less",
            id="an h1 that og:title repeats goes before a JSON-LD headline",
        ),
        pytest.param(
            "<title>东港新码头投入使用-海湾网</title>", "东港新码头投入使用", id="a Chinese site's name is removed"
        ),
        pytest.param("<title>Home</title><h1>Time to say goodbye</h1>", "Time to say goodbye",
            id="a generic title tag is ignored"),
        pytest.param(
            "<title>LTE-Patent: Samsung soll zahlen - Heise.example</title>"
            "<meta property='og:title' content='LTE-Patent: Samsung soll zahlen'>"
            "<h1><span class='top'>LTE-Patent</span><span>: </span><span>Samsung soll zahlen</span></h1>",
            "LTE-Patent: Samsung soll zahlen",
            id="the metadata's spelling where markup splits the heading",
        ),
    ],
)  # fmt: skip
def test_title(html, title):
    assert title_of(f"<html><body>{html}<p>Text.</p></body></html>") == title


def ld(headline: str) -> str:
    return f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{headline}"}}</script>'


def og(text: str) -> str:
    return f"<meta property='og:title' content='{text}'>"


@pytest.mark.parametrize(
    ("html", "title"),
    [
        pytest.param(
            ld("Ferry strike ends after nine days") + og(
                "What the ferry deal means for you") + "<h1>The ferry deal</h1>",
            "Ferry strike ends after nine days",
            id="JSON-LD before an h1 that nothing repeats",
        ),
        pytest.param(
            "<title>Ten ferry trips</title>" + og(
            "Ten ferry trips") + "<h1>Our ten loveliest ferry trips</h1>",
            "Our ten loveliest ferry trips",
            id="the h1 before og:title and title tag",
        ),
        pytest.param(
            og("Harnwick Weekly") + "<title>The fish market rises again: a lesson in iron</title>",
            "The fish market rises again: a lesson in iron",
            id="an og:title that is the site's name",
        ),
        pytest.param(
            "<title>The fish market rises again: a lesson in iron</title><div class=logo><h1>"
                "Harnwick Weekly</h1></div>",
            "The fish market rises again: a lesson in iron",
            id="an h1 that is the site's name",
        ),
        pytest.param(
            ld("Council votes for the new bridge over the Velda ...")
                + "<h1>Council votes for the new bridge over the Velda and the tunnel</h1>",
            "Council votes for the new bridge over the Velda and the tunnel",
            id="a headline cut off with dots",
        ),
        pytest.param(
            og("Minister calls the plan") + "<title>Minister calls the plan \"absurd\"</title>",
            'Minister calls the plan "absurd"',
            id="an og:title cut off by a quote",
        ),
        pytest.param(
            og("The council votes for the bridge")
                + "<h1><em>Traffic</em> The council votes for the bridge</h1>",
            "The council votes for the bridge",
            id="a kicker that nothing but markup sets apart",
        ),
        pytest.param(
            "<title>The council votes for the bridge » Local » Harbour Mail</title>"
            "<meta name='twitter:title' content='The council votes for the bridge'>"
            "<h1>The council votes for the bridge Harbour Mail</h1>",
            "The council votes for the bridge",
            id="the site's name after the h1",
        ),
        pytest.param(
            og("Seoul opens the new line-정치ㅣ한강신문")
                + "<meta name='twitter:title' content='Seoul opens the new line'>",
            "Seoul opens the new line",
            id="a tail that another title lacks",
        ),
        pytest.param(
            "<title>The council votes for the bridge | HM</title>" + og("The council votes for the bridge")
                + "<meta property='og:site_name' content='The council votes for the bridge of Hull | HM'>"
                "<h1>The council votes for the bridge</h1>",
            "The council votes for the bridge",
            id="an og:site_name that holds the headline is no site",
        ),
        pytest.param(
            "<title>Harbour diary - The council votes for the bridge</title>"
            "<h1>Harbour diary</h1><h3>■ The council votes for the bridge</h3>",
            "The council votes for the bridge",
            id="the h1 is the site's name, another heading shows the rest of the title tag",
        ),
        pytest.param(
            "<title>The council votes for the bridge - Harbour Mail</title>"
            "<h1>The council votes for the bridge</h1><h2>Harbour Mail</h2>",
            "The council votes for the bridge",
            id="a heading with the site's name does not replace the h1",
        ),
        pytest.param(
            "<title>The council votes for the bridge | HM</title>"
            "<h1>Press release of the harbour board : The council votes for the bridge</h1>",
            "The council votes for the bridge",
            id="a kicker in the h1 that the title tag lacks",
        ),
        pytest.param(
            "<title>Bridges</title>" + og("Bridges: council votes again") + "<h1><span class='topline'>"
                "</span>Bridges<span class='label'> : The council votes for the bridge</span></h1>",
            "Bridges : The council votes for the bridge",
            id="a kicker is never all of the h1",
        ),
        pytest.param(
            og("The council votes for the bridge")
                + "<ol><li>Home</li><li><h1>Council votes: bridge</h1></li></ol><h2>The council votes for "
                "the bridge</h2>",
            "The council votes for the bridge",
            id="an h1 among the breadcrumbs",
        ),
        pytest.param("<title>Rain</title>" + og("Rain in May and June ⋆") + "<h1>x</h1>",
            "Rain in May and June", id="an ornament after the title"),
    ],
)  # fmt: skip
def test_places_that_differ(html, title):
    assert title_of(f"<html><body>{html}<p>Text.</p></body></html>") == title


@pytest.mark.parametrize(
    "link",
    ["<a>{}</a>", "<a name=top>{}</a>", "<a href='?p=123'>{}</a>", "<a href='/index.php?id=5'>{}</a>",
        "<a href='#a'>{}</a>"],
)  # fmt: skip
def test_a_headline_that_links_to_its_own_page(link):
    headline = "The council votes for the bridge"
    html = f"<title>{headline}</title><h1>{link.format(headline)}</h1><h2>What traders say</h2><p>Text.</p>"
    assert title_of(f"<html><body>{html}</body></html>") == headline


def test_a_feed_names_what_the_page_does_not():
    assert (
        title_of("<html><body><p>Text without any heading.</p></body></html>", feed_title="From the feed")
        == "From the feed"
    )


def test_a_headline_that_a_heading_shows_whole_stays():
    headings = ["Heat pumps- worth it?", "Heat pumps –", "worth it?"]
    assert strip_site("Heat pumps- worth it?", {"dailywire"}, headings) == "Heat pumps- worth it?"


@pytest.mark.parametrize(
    ("title", "stripped"),
    [
        ("Harbour opens - Daily Wire", "Harbour opens"),
        ("Daily Wire | Harbour opens", "Harbour opens"),
        ("Feuerwehr- und Katastrophenschutz geehrt", "Feuerwehr- und Katastrophenschutz geehrt"),
        ("Harbour opens -- dailywire", "Harbour opens"),
        ("港の委員会が第二航路に賛成：dailywire", "港の委員会が第二航路に賛成"),
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


def test_the_section_before_the_site_goes_with_it():
    title = strip_site("港口委员会投票支持第二条渡轮航线_社会_海岸新闻网", set(), [], is_title_tag=True)
    assert title == "港口委员会投票支持第二条渡轮航线"
