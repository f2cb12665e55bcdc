"""One decoding and one parse, for any bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.domain.articles.article import PageContext, parse_article, read_article
from tasks.domain.pages.json_ld import read_linked_data
from tasks.domain.pages.tree import decode_page, parse_html
from tasks.errors import ExtractionError
from warehouse.records.article import Article
from warehouse.records.source import Source

URL = "https://daily.example/news/1"
PAGE = PageContext(URL, URL, "daily.example/news/1")
SOURCE = Source("s", "The Source")
POLISH = "<html lang=pl><p>Rząd ogłosił wczoraj, że święta są krótsze, podało źródło."
CZECH = "<html lang=cs><p>Vláda oznámila, že školy zůstanou příští týden zavřené."
RUSSIAN = (
    "Новый автомобильный мост через реку открыли в понедельник, сообщили в администрации города. "
    "Длина моста составляет "
    "четыреста метров, строительство продолжалось почти три года. Движение начнётся в первых "
    "числах марта, а старый мост "
    "разберут до конца лета, чтобы освободить место для набережной и пешеходной дорожки."
)
WORDS = "Привет, мир и все его города"


@pytest.mark.parametrize(
    ("html", "content_type", "text"),
    [
        pytest.param(WORDS.encode("cp1251"), "text/html; charset=windows-1251", WORDS, id="header"),
        pytest.param(f"<meta charset='windows-1251'>{WORDS}".encode("cp1251"), None, WORDS, id="meta"),
        pytest.param(f"<meta charset='windows-1251'>{WORDS}".encode(), "text/html; charset=koi8-r", WORDS,
                     id="valid UTF-8 whatever is declared"),
        pytest.param(b"\xef\xbb\xbf" + WORDS.encode(), "text/html; charset=latin-1", WORDS, id="BOM"),
        pytest.param(WORDS.encode("utf-16"), None, WORDS, id="UTF-16 with BOM"),
        pytest.param(f"<html lang=ru>{WORDS}".encode("cp1251") * 2, "text/html; charset=utf-8", WORDS,
                     id="wrong declaration, detected by the page's language"),
        pytest.param(RUSSIAN.encode("cp1251"), "text/html; charset=utf-8", "администрации города",
            id="wrong declaration without any hint"),
        pytest.param("Grüße\u201c".encode("cp1252"), "text/html; charset=iso-8859-1", "Grüße\u201c",
            id="latin-1 is read as cp1252"),
        pytest.param("東港の新しい埠頭".encode("cp932"), "text/html; charset=shift_jis", "東港の新しい埠頭", id="Shift_JIS"),
        pytest.param(b"a\x00b\x07c", None, "abc", id="NUL and control characters are removed"),
        pytest.param("a\ufffeb\uffffc".encode(), None, "abc", id="noncharacters are removed"),
        pytest.param(
            b"a&#1;b&#x1F;c&#011;d&#xFFFE;e&#65535;f&#8 g", None, "abcdef g",
            id="references to them are removed"
        ),
        pytest.param(
            b"&#9;&#10;&#13;&#39;&#128;&#x2019;&#10084;", None, "&#9;&#10;&#13;&#39;&#128;&#x2019;&#10084;",
            id="other references are kept",
        ),
        pytest.param("é".encode() * 500 + b"\xff" + "é".encode() * 500, "text/html; charset=utf-8", "é" * 500,
            id="one broken byte"),
        pytest.param("<p>déjà “été” </p>".encode() * 9 + "<p>Élysée – à côté</p>".encode("cp1252"),
            "text/html; charset=utf-8", "été” </p><p>Élysée – à côté</p>",
            id="UTF-8 with lines of windows-1252"),
        pytest.param("<p>Élysée – à côté, l’été</p>".encode("cp1252") * 9 + "<p>© déjà vu</p>".encode(),
            "text/html; charset=iso-8859-1", "l’été</p><p>© déjà vu</p>",
            id="windows-1252 with a footer of UTF-8"),
        pytest.param("<html lang=pl>źródło, święto ".encode() * 9 + "ćwiczenia śląskie".encode("cp1250"),
            None, "święto ćwiczenia śląskie", id="UTF-8 with a line of the language's own charset"),
        pytest.param("déjà vu, ".encode() * 9 + "In: “São Paulo”".encode("cp1252")
            + b" caf\xc3 <b>\xe2\x80</b>",
            None, "déjà vu, In: “São Paulo” caf\ufffd <b>\ufffd</b>",
            id="characters cut by a limit of bytes"),
        pytest.param("Привет, мир. ".encode() * 99 + b"\xd0 <b>", None, "мир. \ufffd <b>",
            id="another script with a cut character"),
        pytest.param(f"<meta charset=windows-1251>{WORDS}".encode("cp1251"), "text/html; charset=iso-8859-1",
            WORDS, id="the server's default contradicts the page"),
        pytest.param("<meta charset=gbk>东港的新码头".encode("gb18030"), "text/html; charset=windows-1252",
            "东港的新码头", id="likewise, Chinese"),
        pytest.param("<meta charset=utf-8>Grüße".encode("cp1252"), "text/html; charset=iso-8859-1",
            "Grüße", id="the page's declaration is wrong, the server's default right"),
        pytest.param(f"<meta charset=koi8-r>{WORDS}".encode("cp1251"), "text/html; charset=windows-1251",
            WORDS, id="any other header comes before meta"),
        pytest.param("<meta charset=iso-8859-2>święto, źródło".encode("cp1250"), None,
            "święto, źródło", id="windows-1250 declared as ISO 8859-2"),
        pytest.param("<meta charset=iso-8859-2>święto, źródło".encode("iso8859-2"), None,
            "święto, źródło", id="ISO 8859-2"),
        pytest.param(POLISH.encode("iso8859-2"),
            "text/html; charset=utf-8", "że święta są krótsze, podało źródło", id="undeclared ISO 8859-2"),
        pytest.param(POLISH.encode("cp1250"),
            "text/html; charset=utf-8", "że święta są krótsze, podało źródło", id="undeclared windows-1250"),
        pytest.param("<html lang=pl><p>Rząd ogłosił wczoraj, że ferie są krótsze niż były.".encode("cp1250"),
            None, "Rząd ogłosił wczoraj, że ferie są krótsze",
            id="likewise, without a letter that tells them"),
        pytest.param(CZECH.encode("iso8859-2"),
            None, "že školy zůstanou příští týden", id="undeclared ISO 8859-2, Czech"),
        pytest.param(CZECH.encode("cp1250"),
            None, "že školy zůstanou příští týden", id="undeclared windows-1250, Czech"),
        pytest.param(b"abc", "text/html; charset=rot13", "abc", id="not a text encoding"),
        pytest.param(b"abc\xe9", "text/html; charset=no-such-thing", "abc", id="unknown charset"),
    ],
)  # fmt: skip
def test_decode_page(html, content_type, text):
    assert text in decode_page(html, content_type)


DEPTHS = (1_500, 2_500)  # libxml2 stops reading at level 2,048


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("tag", ["div", "b", "table", "table><tr><td", "blockquote"])
def test_deep_markup_is_read_to_the_bottom_and_made_flat(tag, depth):
    name = tag.partition(">")[0]
    root = parse_html(f"<body>{f'<{tag}>' * depth} bottom {f'</{name}>' * depth}<p>after</p>")
    assert root is not None
    assert "".join(root.itertext()).split() == ["bottom", "after"]
    assert root.xpath(f"boolean({'/*' * 450})") is False


@pytest.mark.parametrize("depth", DEPTHS)
def test_elements_that_are_never_closed_lose_no_text(depth):
    root = parse_html("<body>" + "<font>word " * depth + "<p>The e<b>n</b>d.</p>")
    assert root is not None
    assert "".join(root.itertext()).replace("The", " The").split() == ["word"] * depth + ["The", "end."]


def test_ordinary_nesting_is_kept():
    root = parse_html("<body>" + "<div>" * 150 + "<h2>Part</h2>" + "</div>" * 150)
    assert root is not None
    assert len(list(root.iter("div"))) == 150


def test_a_tag_with_very_many_attributes_loses_them():
    many = " ".join(f"data-a{n}=b" for n in range(300))
    image = "x" * 3_000
    root = parse_html(
        f"<html><body><div {many} id=gone>one</div><img id=kept src='{image}'><p>{many}</p></body></html>"
    )
    assert root is not None
    assert root.find(".//div").attrib == {}
    assert root.find(".//div").text == "one"
    assert root.find(".//img").get("src") == image
    assert root.find(".//p").text == many


@pytest.mark.parametrize("n_before", range(0, 1_100, 90))
def test_a_tag_with_very_many_attributes_loses_them_wherever_it_begins(n_before):
    many = " ".join(f"a{n:03}=b" for n in range(300))[:2_001]
    root = parse_html(f"<html><body><p>{'w' * n_before}</p><div {many}>one</div><p>&gt;</p></body></html>")
    assert root is not None
    assert root.find(".//div").attrib == {}


@pytest.mark.parametrize(
    ("markup", "n_breaks"),
    [
        pytest.param("<p>one</p>two</p>three", 1, id="an end without a start"),
        pytest.param("<P>one</P>two</P>three</p>", 2, id="capitals"),
        pytest.param("<p class=a>one</p><p\n>two</p>", 0, id="starts with attributes"),
        pytest.param("<pre>one</pre><p>two</p>", 0, id="another tag that begins so"),
    ],
)
def test_stray_ends_of_paragraphs_are_breaks(markup, n_breaks):
    root = parse_html(f"<html><body>{markup}</body></html>")
    assert root is not None
    assert len(list(root.iter("br"))) == n_breaks


@pytest.mark.parametrize("text", ["", "   ", "<!-- -->"])
def test_no_markup_is_none_or_empty(text):
    root = parse_html(text)
    assert root is None or not "".join(root.itertext()).strip()


@pytest.mark.parametrize(
    ("script", "headline"),
    [
        pytest.param('<!-- {"@type":"Article","headline":"A"} -->', "A", id="in a comment"),
        pytest.param('//<![CDATA[\n{"@type":"Article","headline":"A"}\n//]]>', "A", id="in CDATA"),
        pytest.param('{"@type":"Article","headline":"A",}', "A", id="comma at the end"),
        pytest.param('{"@type":"Article","headline":"A\nB"}', "A\nB", id="raw newline"),
        pytest.param('{"@type":"WebSite"}{"@type":"Article","headline":"A"}', "A", id="two documents"),
        pytest.param('{"@graph":[{"@type":["Thing","Article"],"headline":"A"}]}', "A", id="graph"),
        pytest.param('{"@type":"Article","headline":"A\\d"}', "A\\d", id="bad escape"),
    ],
)
def test_json_ld_is_read_leniently(script, headline):
    root = parse_html(f'<html><script type="application/ld+json">{script}</script><p>x</p></html>')
    assert root is not None
    nodes = read_linked_data(root).of_type(frozenset({"article"}))
    assert [node["headline"] for node in nodes] == [headline]


@pytest.mark.parametrize("script", ["{", "[" * 5000, "null", '"text"', '{"@type":"Article"', "function() {}"])
def test_json_ld_that_is_none_gives_nothing(script):
    root = parse_html(f'<html><script type="application/ld+json">{script}</script><p>x</p></html>')
    assert root is not None
    assert read_linked_data(root).of_type(frozenset({"article"})) == []


def outcome(html: bytes) -> Article | ExtractionError:
    try:
        return parse_article(html, PAGE, SOURCE)
    except ExtractionError as error:
        return error


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_give_an_article_or_our_error(html):
    assert outcome(html) is not None


_TAGS = st.sampled_from(
    ["html", "body", "div", "p", "h1", "table", "tr", "td", "ul", "li", "a", "span", "br", "article",
        "script", "meta", "title", "time", "section", "dl", "dd", "b", "form", "noscript"]
)  # fmt: skip
_PIECES = st.one_of(
    _TAGS.map(lambda tag: f"<{tag}>"),
    _TAGS.map(lambda tag: f"</{tag}>"),
    _TAGS.map(
        lambda tag: f'<{tag} class="comments related" id="a" href="//x" datetime="2020-13-45" content="1">'
    ),
    st.text(max_size=60),
    st.sampled_from(
        [
            "By Ann Lee",
            "Source: X",
            "10.01.2022, 16:58",
            "Read more",
            "Comments",
            "©",
            "&#0;",
            "&nbsp;",
            "]]>",
            "<!--",
        ]
    ),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(_PIECES, max_size=80))
def test_any_markup_gives_an_article_or_our_error(pieces):
    assert outcome("".join(pieces).encode("utf-8", "surrogatepass")) is not None


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(b"<p>" * 20_000 + b"text", id="unclosed paragraphs"),
        pytest.param(b"<div>" * 100_000, id="depth without end"),
        pytest.param(b"<a href=" + b"x" * 200_000 + b">link</a>", id="a huge attribute"),
        pytest.param(b"<h1>" + b"word " * 40_000 + b"</h1>", id="a huge headline"),
        pytest.param(
            b"<h1>" + b"<span>" * 1_500 + b"deep" + b"</span>" * 1_500 + b"</h1><p>x</p>",
            id="a deep headline",
        ),
        pytest.param(b"<ul><li>" * 600 + b"deep" + b"</li></ul>" * 600, id="lists in lists"),
        pytest.param(b"<blockquote>" * 900 + b"<p>deep</p>", id="quotations in quotations"),
        pytest.param(b"<p>" + b"(" * 30_000 + b"</p>", id="brackets"),
        pytest.param(b"<p>Source: " + b"a, " * 20_000 + b"</p>", id="a huge line"),
        pytest.param(b"<table><tr><td>" * 200 + b"text" + b"</td></tr></table>" * 200, id="tables in tables"),
        pytest.param(
            b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script><p>x</p>", id="JSON-LD depth"
        ),
        pytest.param(
            b'<meta property="og:title" content="' + b" - " * 20_000 + b'"><p>x</p>',
            id="a title of separators",
        ),
        pytest.param(b"<title>" + b"a - " * 5_000 + b"</title><h1>a</h1><p>x</p>", id="a title of parts"),
        pytest.param(
            b"".join(b"<li><a href=/%d>Link %d</a></li>" % (n, n) for n in range(6_000)), id="many links"
        ),
    ],
)
def test_hostile_pages_end_soon(html):
    import time

    started = time.process_time()
    assert outcome(b"<html><body>" + html + b"</body></html>") is not None
    assert time.process_time() - started < 8


def test_a_large_page_keeps_its_article():
    wide = "x" * 600
    junk = "".join(f"<div class='{wide}'><a href='/{n}'>Link number {n}</a></div>" for n in range(6_000))
    text = "".join(
        f"<p>Paragraph {n} of the report says what the council of the town decided on that day.</p>"
        for n in range(5)
    )
    html = (
        f"<html><body><article><h1>Council decides</h1>{text}</article><footer>{junk}</footer></body></html>"
    ).encode()
    assert len(html) > 3_000_000
    article = read_article(html, PAGE, SOURCE).article
    assert article.body.count("\n") == 4
