"""Pages without an article are rejected with an error class and a reason."""

import pytest

from tasks.domain.articles.article import PageContext, parse_article, read_article
from tasks.errors import ErrorClass, ExtractionError
from warehouse.records.source import Source

TEXT = "".join(
    f"<p>Paragraph {n} of the report says in plain words what the council of the town decided on "
    f"that day.</p>"
    for n in range(6)
)
GERMAN_PAGE = "<h1>Ratsbeschluss</h1>" + "".join(
    f"<p>Der Rat der Stadt hat am {n}. Mai beschlossen, die alte Brücke über den Fluss zu sperren.</p>"
    for n in range(8)
)
SOURCE = Source("s", "The Source", language="en")


def refusal(
    html: str, *, url: str = "https://daily.example/news/1", source: Source = SOURCE
) -> ExtractionError:
    with pytest.raises(ExtractionError) as caught:
        parse_article(html.encode(), PageContext(url, url, "k"), source)
    return caught.value


@pytest.mark.parametrize(
    ("html", "error_class"),
    [
        pytest.param("", ErrorClass.EMPTY, id="nothing"),
        pytest.param("<!-- only a comment -->", ErrorClass.EMPTY, id="no words"),
        pytest.param("<title>404 - Page not found</title><h1>Page not found</h1><p>Try our search.</p>",
            ErrorClass.SOFT_404, id="soft 404"),
        pytest.param("<title>Ошибка</title><h1>Страница не найдена</h1><p>Вернитесь на главную.</p>",
            ErrorClass.SOFT_404, id="Russian soft 404"),
        pytest.param("<title>Seite nicht gefunden | Blatt</title><h1>Seite nicht gefunden</h1>",
            ErrorClass.SOFT_404, id="German soft 404"),
        pytest.param("<title>Just a moment...</title><h1>daily.example</h1><p>Verifying you are human. This "
            "may take a few seconds.</p>",
                     ErrorClass.CONSENT, id="bot wall"),
        pytest.param(
            "<title>Daily</title><h1>Your privacy</h1><p>We and our 842 partners store information on "
            "your device. Accept all cookies or manage.</p>",
                     ErrorClass.CONSENT, id="consent wall"),
        pytest.param('<script type="application/ld+json">{"@type":"NewsArticle","headline":"Council votes",'
            '"isAccessibleForFree":false}</script>'
                     "<h1>Council votes</h1><p>The council has voted on the budget of the town.</p>",
                     ErrorClass.PAYWALL, id="paywall by JSON-LD"),
        pytest.param("<h1>Council votes on its budget</h1><p>The council has voted on Monday. To continue "
            "reading, subscribe now.</p>",
                     ErrorClass.PAYWALL, id="paywall by words"),
        pytest.param(
            '<meta property="og:type" content="video.other"><h1>Storm hits the coast</h1><p>Watch how '
            'the storm hit the coast on Monday night.</p>',
                     ErrorClass.NOT_AN_ARTICLE, id="video stub"),
        pytest.param("<h1>Council votes</h1><p>Soon.</p>", ErrorClass.NO_CONTENT, id="a headline alone"),
        pytest.param(GERMAN_PAGE, ErrorClass.WRONG_LANGUAGE, id="another language than the source's"),
    ],
)  # fmt: skip
def test_refused(html, error_class):
    error = refusal(f"<html><body>{html}</body></html>" if html else "")
    assert error.error_class is error_class
    assert error.reason.endswith(".")
    assert error.url == "https://daily.example/news/1"


def test_a_front_page_is_refused():
    links = "".join(
        f"<li><a href='/{n}'>Story number {n} of the day with a long title</a></li>" for n in range(30)
    )
    html = (
        f"<html><title>The Daily</title><body><h1>News from all over the country today</h1><ul>{links}"
        f"</ul></body></html>"
    )
    assert refusal(html, url="https://daily.example/").error_class in (
        ErrorClass.NOT_AN_ARTICLE,
        ErrorClass.NO_CONTENT,
    )


@pytest.mark.parametrize(
    "extra",
    [
        "<h1>Council votes</h1>",
        "<h1>Street not found on any map: the story of an error</h1>",
        '<h1>Council votes</h1><script type="application/ld+json">{"@type":"NewsArticle",'
        '"isAccessibleForFree":false}</script>',
        '<h1>How cookie banners came to be</h1><meta property="og:type" content="video.other">',
    ],
)
def test_a_page_with_a_real_text_passes(extra):
    url = "https://daily.example/news/1"
    article = parse_article(
        f"<html><body>{extra}{TEXT}</body></html>".encode(), PageContext(url, url, "k"), SOURCE
    )
    assert article.body.count("\n") == 5


def glossary(first: str) -> str:
    """Return a page whose every entry follows a link to another page."""
    entries = "".join(
        f"<li><a href='/style-{n}'>The style number {n} of leading other people</a>"
        f"<p>Such a leader asks the others before he decides on matter number {n} of the day.</p></li>"
        for n in range(6)
    )
    return f"<html><body><h1>Leadership styles</h1><p>{first}</p><ol>{entries}</ol></body></html>"


@pytest.mark.parametrize(
    ("first", "is_refused"),
    [
        ("Leadership styles are the ways in which people lead others, at work and elsewhere.", False),
        ("All that we have written about work, bosses and offices in the past ten years or so.", True),
    ],
)
def test_a_glossary_explains_its_title_and_a_section_does_not(first, is_refused):
    url = "https://daily.example/leadership-styles.html"
    reading = read_article(glossary(first).encode(), PageContext(url, url, "k"), SOURCE)
    assert (reading.refusal is not None) is is_refused


def test_a_neighbouring_language_passes():
    url = "https://daily.example/news/1"
    norwegian = (
        "<p>Regjeringen sa mandag at den vil hjelpe alle kommuner i landet med nye penger til skolene.</p>"
        * 8
    )
    source = Source("s", "The Source", language="da")
    assert parse_article(
        f"<html><h1>Nytt</h1>{norwegian}</html>".encode(), PageContext(url, url, "k"), source
    ).body


CONSENT = (
    "<p>We and our 812 partners store and/or access information on a device, such as cookies, and process "
    "personal data for personalised advertising and content, audience research and the "
    "development of services.</p>"
    "<p>With your permission our partners may use precise geolocation. You may refuse consenting "
    "at any time.</p>"
    "<p>You can change your preferences or withdraw your consent by clicking the button below this text.</p>"
)
GERMAN_CONSENT = (
    "<p>Lesen Sie diese Seiten wie gewohnt mit Werbung und Tracking. Ihre Zustimmung ist "
    "jederzeit widerrufbar.</p>"
    "<p>Wir und unsere 184 Partner verarbeiten personenbezogene Daten, um personalisierte "
    "Anzeigen zu zeigen.</p>"
    "<p>Auf Ihrem Gerät werden Informationen gespeichert; Details finden Sie in der Datenschutzerklärung.</p>"
    "<p>Oder lesen Sie ohne Werbetracking im Pur-Abo: vier Wochen für wenig Geld, monatlich kündbar.</p>"
) * 2
MISSING = (
    "<p>The page may have been moved, or the address was typed incorrectly. Please check it and "
    "try once more, or "
    "use the search field above. If you followed a link, please tell the people who run the other "
    "site about it, "
    "so that they can mend it. You may also go back to the front page and choose one of the "
    "sections in the menu, "
    "where our newest reports stand on top and older ones are sorted by day and by subject.</p>"
)


@pytest.mark.parametrize(
    ("html", "error_class"),
    [
        pytest.param(f"<h1>How to read us</h1>{CONSENT}", ErrorClass.CONSENT, id="long consent wall"),
        pytest.param(f"<h1>Mit Werbung oder mit Abo</h1>{GERMAN_CONSENT}", ErrorClass.CONSENT,
            id="German consent wall"),
        pytest.param(f"<title>404 - The Daily</title><h1>404</h1>{MISSING}", ErrorClass.SOFT_404,
            id="number"),
        pytest.param(f"<h1>Sorry, we can't find that page</h1>{MISSING}", ErrorClass.SOFT_404, id="sentence"),
        pytest.param(f"<h1>This article is no longer available</h1>{MISSING}", ErrorClass.SOFT_404,
            id="removed"),
        pytest.param(f"<title>Seite nicht gefunden - Blatt</title><h1>Hoppla</h1>{MISSING}",
            ErrorClass.SOFT_404, id="title only"),
    ],
)  # fmt: skip
def test_walls_and_missing_pages_of_any_length_are_refused(html, error_class):
    assert refusal(f"<html><body>{html}</body></html>", source=Source("s", "S")).error_class is error_class


@pytest.mark.parametrize(
    "title",
    [
        "Page not found: how a town lost its web site",
        "Regulator fines publisher over consent walls",
        "404 days at sea",
    ],
)
def test_an_article_about_walls_or_missing_pages_passes(title):
    paragraph = (
        "<p>The regulator said that cookies need consent. The town had put all its pages on one computer.</p>"
    )
    html = f"<html><body><h1>{title}</h1>{TEXT}{paragraph}</body></html>"
    assert parse_article(
        html.encode(), PageContext("https://d.example/a", "https://d.example/a", "k"), SOURCE
    ).body


def test_a_redirect_to_the_home_page_is_refused():
    page = PageContext("https://daily.example/news/1", "https://daily.example/", "k")
    with pytest.raises(ExtractionError) as caught:
        parse_article(f"<html><body><h1>The Daily</h1>{TEXT}</body></html>".encode(), page, SOURCE)
    assert caught.value.error_class is ErrorClass.SOFT_404


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        b"\x28\xb5\x2f\xfd" + bytes(range(256)) * 20,
        bytes(range(32)) * 200,
    ],
)
def test_bytes_that_are_no_text_are_refused(data):
    url = "https://daily.example/news/1"
    with pytest.raises(ExtractionError) as caught:
        parse_article(data, PageContext(url, url, "k", "text/html"), SOURCE)
    assert caught.value.error_class is ErrorClass.CONTENT_TYPE


BEGINNING = (
    "<p>The council of the harbour town has voted on its budget after a long night of debate, and the "
    "mayor said that the bridge would open in spring.</p>"
)
LONG_TEXT = "".join(
    f"<p>Sentence {n} of the long report from the harbour town says what was decided on that day.</p>"
    for n in range(20)
)
PAID = (
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Council votes",'
    '"isAccessibleForFree":false}</script>'
)


@pytest.mark.parametrize(
    ("html", "is_partial"),
    [
        pytest.param(f"{PAID}<h1>Council votes</h1>{BEGINNING}", True, id="declared paid and short"),
        pytest.param(f"<h1>Council votes</h1>{BEGINNING * 3}<p>Subscribe to continue reading</p>", True,
            id="offer after the text"),
        pytest.param(f"<h1>Council votes</h1>{BEGINNING * 3}<p>This article is for subscribers. Read on with "
            f"Plus: 4 weeks for 1 euro.</p>", True, id="offer as the text's last line"),
        pytest.param(f"<h1>Council votes</h1>{BEGINNING * 3}<p>Related news</p>", False, id="free"),
        pytest.param(f"{PAID}<h1>Council votes</h1>{LONG_TEXT}", False,
            id="declared paid, the whole text is there"),
    ],
)  # fmt: skip
def test_a_paywalled_beginning_is_an_article_in_part(html, is_partial):
    url = "https://daily.example/news/1"
    article = parse_article(f"<html><body>{html}</body></html>".encode(), PageContext(url, url, "k"), SOURCE)
    assert bool(article.is_partial) is is_partial
