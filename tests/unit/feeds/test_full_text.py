"""Whole articles in feeds: what counts as one, in which elements, and what never does."""

from datetime import UTC, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.full_text import text_lines, whole_article
from tasks.domain.feeds.parse import parse_feed

SENTENCE = "The harbour board met on Tuesday to discuss the gate and the ferry company's dispute. "
FIVE = f"<p>{SENTENCE}</p>" * 5
TEN_PLAIN = "<p>" + SENTENCE * 10 + "</p>"
CONTEXT = DateContext(datetime(2026, 11, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        pytest.param(FIVE, None, id="paragraphs"),
        pytest.param(FIVE, SENTENCE, id="longer than its summary"),
        pytest.param(FIVE.replace("</p><p>", "<br><br>"), None, id="line breaks"),
        pytest.param(TEN_PLAIN * 2, None, id="two long paragraphs"),
        pytest.param(TEN_PLAIN + f"<p>{SENTENCE}</p>", None, id="a sentence at the end"),
        pytest.param(
            FIVE + "<p>Read more about the ferry in our archive, said the mayor.</p>", None, id="a sentence"
        ),
        pytest.param(
            FIVE + '<p>Read more: <a href="/x">Another story</a></p>', None, id="pointer to another story"
        ),
        pytest.param(
            "<p>" + "港口委员会周二开会讨论闸门问题。" * 5 + "</p><p>" + "居民表示不满。" * 5 + "</p>",
            None,
            id="Chinese",
        ),
    ],
)
def test_a_whole_article(content, summary):
    assert whole_article(content, summary) == content


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        pytest.param(None, None, id="nothing"),
        pytest.param(f"<p>{SENTENCE}</p>", None, id="a teaser"),
        pytest.param(f"<p>{SENTENCE * 5}</p>", None, id="one paragraph of seventy words"),
        pytest.param(FIVE, FIVE, id="the summary again"),
        pytest.param(FIVE, SENTENCE * 4, id="little more than the summary"),
        pytest.param(FIVE.removesuffix(". </p>") + " …</p>", None, id="cut with an ellipsis"),
        pytest.param(FIVE.removesuffix(". </p>") + " [&#8230;]</p>", None, id="cut as WordPress does"),
        pytest.param(
            FIVE + '<p><a href="/a">Continue reading Ferry returns to harbour</a></p>', None, id="continue"
        ),
        pytest.param(FIVE + "<p>Read more</p>", None, id="read more"),
        pytest.param(FIVE + '<a href="/a">Weiterlesen →</a>', None, id="German"),
        pytest.param(FIVE + "<p>Читать далее...</p>", None, id="Russian"),
        pytest.param(FIVE + "<p>続きを読む</p>", None, id="Japanese"),
        pytest.param("<p>" + "a b c d " * 70_000 + "</p>", None, id="a compilation"),
        pytest.param("<script>" + SENTENCE * 30 + "</script>", None, id="a script"),
    ],
)
def test_not_a_whole_article(content, summary):
    assert whole_article(content, summary) is None


@pytest.mark.parametrize(
    "footer",
    [
        pytest.param(
            'The post <a href="/a">Ferry</a> appeared first on <a href="/">Gazette</a>.', id="English"
        ),
        pytest.param("Der Beitrag <b>Fähre</b> erschien zuerst auf Kurier.", id="German"),
        pytest.param("L&#8217;article Ferry est apparu en premier sur Gazette.", id="French"),
    ],
)
def test_the_footer_of_feed_software_is_not_part_of_it(footer):
    assert whole_article(FIVE + f"\n<p>{footer}</p>\n", f"{SENTENCE} <p>{footer}</p>") == FIVE + "\n"


def entry(document):
    (only,) = parse_feed(document.encode(), CONTEXT, url="https://a.example/feed").entries
    return only


def rss(item):
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<item><title>T</title><link>https://a.example/1</link>{item}</item></channel></rss>"
    )


def atom(item):
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title>'
        f'<link href="https://a.example/1"/>{item}</entry></feed>'
    )


ESCAPED = FIVE.replace("<", "&lt;")


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(rss(f"<content:encoded><![CDATA[{FIVE}]]></content:encoded>"), id="content:encoded"),
        pytest.param(
            rss(f"<description>S</description><content:encoded>{ESCAPED}</content:encoded>"), id="beside"
        ),
        pytest.param(atom(f'<content type="html">{ESCAPED}</content>'), id="Atom html"),
        pytest.param(
            atom(f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{FIVE}</div></content>'),
            id="Atom xhtml",
        ),
        pytest.param(atom("<content>" + (SENTENCE + "\n") * 5 + "</content>"), id="Atom, no type"),
        pytest.param(
            '{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "https://a.example/1", '
            f'"content_html": "{FIVE}"}}]}}',
            id="JSON Feed",
        ),
        pytest.param(
            '{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "https://a.example/1", '
            f'"content_text": "{(SENTENCE + chr(92) + "n") * 5}"}}]}}',
            id="JSON Feed, text",
        ),
    ],
)
def test_content_of_each_format(document):
    content = entry(document).content
    assert content is not None
    assert text_lines(content) == [SENTENCE.strip()] * 5


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(rss(f"<description><![CDATA[{FIVE}]]></description>"), id="RSS description"),
        pytest.param(atom(f'<summary type="html">{ESCAPED}</summary>'), id="Atom summary"),
        pytest.param(atom('<content type="image/png">' + "QUJD" * 300 + "</content>"), id="another type"),
        pytest.param(atom('<content src="https://a.example/1"/>'), id="content elsewhere"),
    ],
)
def test_a_summary_is_never_the_article(document):
    assert entry(document).content is None
