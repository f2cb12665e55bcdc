"""What is no article is refused, with the class and sentence that say why."""

import pytest

from tasks.domain.articles.article import PageContext, parse_article
from tasks.errors import ErrorClass, ExtractionError
from warehouse.records import Source

TEXT = "".join(
    f"<p>Paragraph {n} of the report says in plain words what the council of the town decided on that day.</p>"
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
        pytest.param("<title>404 - Page not found</title><h1>Page not found</h1><p>Try our search.</p>", ErrorClass.SOFT_404, id="soft 404"),
        pytest.param("<title>Ошибка</title><h1>Страница не найдена</h1><p>Вернитесь на главную.</p>", ErrorClass.SOFT_404, id="Russian soft 404"),
        pytest.param("<title>Seite nicht gefunden | Blatt</title><h1>Seite nicht gefunden</h1>", ErrorClass.SOFT_404, id="German soft 404"),
        pytest.param("<title>Just a moment...</title><h1>daily.example</h1><p>Verifying you are human. This may take a few seconds.</p>",
                     ErrorClass.CONSENT, id="bot wall"),
        pytest.param("<title>Daily</title><h1>Your privacy</h1><p>We and our 842 partners store information on your device. Accept all cookies or manage.</p>",
                     ErrorClass.CONSENT, id="consent wall"),
        pytest.param('<script type="application/ld+json">{"@type":"NewsArticle","headline":"Council votes","isAccessibleForFree":false}</script>'
                     "<h1>Council votes</h1><p>The council has voted on the budget of the town.</p>", ErrorClass.PAYWALL, id="paywall by JSON-LD"),
        pytest.param("<h1>Council votes on its budget</h1><p>The council has voted on Monday. To continue reading, subscribe now.</p>",
                     ErrorClass.PAYWALL, id="paywall by words"),
        pytest.param('<meta property="og:type" content="video.other"><h1>Storm hits the coast</h1><p>Watch how the storm hit the coast on Monday night.</p>',
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
    html = f"<html><title>The Daily</title><body><h1>News from all over the country today</h1><ul>{links}</ul></body></html>"
    assert refusal(html, url="https://daily.example/").error_class in (
        ErrorClass.NOT_AN_ARTICLE,
        ErrorClass.NO_CONTENT,
    )


@pytest.mark.parametrize(
    "extra",
    [
        "<h1>Council votes</h1>",
        "<h1>Street not found on any map: the story of an error</h1>",
        '<h1>Council votes</h1><script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false}</script>',
        '<h1>How cookie banners came to be</h1><meta property="og:type" content="video.other">',
    ],
)
def test_a_page_with_a_real_text_passes(extra):
    url = "https://daily.example/news/1"
    article = parse_article(
        f"<html><body>{extra}{TEXT}</body></html>".encode(), PageContext(url, url, "k"), SOURCE
    )
    assert article.body.count("\n") == 5


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
