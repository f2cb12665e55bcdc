"""Feed documents that are truncated, malformed, wrongly encoded or malicious."""

import gzip
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.document import RawFeed, RawItem
from tasks.domain.feeds.markup.reader import _best, read_with_feedparser
from tasks.domain.feeds.parse import parse_feed
from tasks.errors import ErrorClass, FeedFormatError
from warehouse.records.feed import FeedDocument, ParsedFeed
from warehouse.records.source import FeedKind, ListingRules

NOW = datetime(2026, 1, 12, tzinfo=UTC)
URL = "https://news.example/feed"


def parse(document: str | bytes, content_type: str | None = None, language: str | None = None) -> ParsedFeed:
    body = document.encode() if isinstance(document, str) else document
    return parse_feed(body, DateContext(NOW, language=language), url=URL, content_type=content_type)


def item(n: int, title: str = "Title") -> str:
    return f"<item><title>{title} {n}</title><link>https://news.example/{n}</link></item>"


def rss(*items: str, prolog: str = '<?xml version="1.0"?>') -> str:
    return f'{prolog}<rss version="2.0"><channel><title>News</title>{"".join(items)}</channel></rss>'


def titles(feed: ParsedFeed) -> list[str | None]:
    return [entry.title for entry in feed.entries]


# --- cut and malformed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cut", "n_whole"),
    [
        pytest.param("</link></item></channel></rss>", 2, id="in the last link"),
        pytest.param("</item></channel></rss>", 2, id="before the last item's end"),
        pytest.param("ews.example/3</link></item></channel></rss>", 2, id="in the middle of an address"),
        pytest.param("tem></channel></rss>", 2, id="in an end tag"),
        pytest.param("</channel></rss>", 3, id="after the last item"),
        pytest.param("/rss>", 3, id="in the last tag"),
        pytest.param("<link>https://news.example/1</link></item>", 0, id="in the first item"),
    ],
)
def test_a_cut_document_gives_its_whole_items_and_a_problem(cut, n_whole):
    whole = rss(item(1), item(2), item(3))
    feed = parse(whole[: whole.index(cut)] if cut.startswith("<link>") else whole.removesuffix(cut))
    assert titles(feed) == [f"Title {n}" for n in range(1, n_whole + 1)]
    assert any("end" in problem for problem in feed.problems)


CUT_DOCUMENTS = [
    pytest.param(rss(item(1), item(2), item(3)), id="RSS"),
    pytest.param(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title>'
        + "".join(
            f'<entry><link href="/{n}"/><title type="html"><![CDATA[T {n}]]></title></entry>'
            for n in range(3)
        )
        + "</feed>",
        id="Atom",
    ),
    pytest.param(
        '{"version": "https://jsonfeed.org/version/1", "items": ['
        + ", ".join(f'{{"url": "/{n}", "title": "T {n}"}}' for n in range(3))
        + "]}",
        id="JSON",
    ),
    pytest.param(
        "<urlset>"
        + "".join(f"<url><loc>/{n}</loc><lastmod>2026-01-0{n}</lastmod></url>" for n in range(1, 4))
        + "</urlset>",
        id="sitemap",
    ),
]


@pytest.mark.parametrize("document", CUT_DOCUMENTS)
def test_wherever_a_document_is_cut_nothing_half_comes_out(document):
    whole = parse(document).entries
    for end in range(1, len(document)):
        try:
            cut = parse(document[:end])
        except FeedFormatError:
            continue
        assert cut.entries == whole[: len(cut.entries)]
        assert cut.problems or len(cut.entries) == len(whole)


def test_a_cut_inside_cdata():
    whole = rss(item(1), "<item><link>https://news.example/2</link><description><![CDATA[<item> half")
    feed = parse(whole[: whole.index("</channel>")])
    assert titles(feed) == ["Title 1"]


def test_cut_atom_and_json_and_sitemap():
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/1"/></entry><entry><link href="/2"/>'
    )
    json = '{"version": "https://jsonfeed.org/version/1", "items": [{"url": "/1"}, {"url": "/2'
    sitemap = "<urlset><url><loc>https://news.example/1</loc></url><url><loc>https://news.example/2"
    for document in (atom, json, sitemap):
        feed = parse(document)
        assert [entry.url for entry in feed.entries] == ["https://news.example/1"]
        assert feed.problems


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(rss(item(1, "A & B <3")), id="bare signs"),
        pytest.param(rss(item(1)).replace("</title>", "", 1), id="an end tag missing"),
        pytest.param(rss(item(1, "<b>A</i>")), id="crossed tags"),
        pytest.param(rss("<media:content url='x'/>" + item(1)), id="a prefix never declared"),
        pytest.param(rss("<a b=c>x</a>" + item(1)), id="attributes without quotes"),
        pytest.param(rss(item(1)) + "<script>track()</script>", id="junk after the end"),
        pytest.param(
            "<br />\n<b>Warning</b>: session_start() in /x.php\n" + rss(item(1)), id="a warning before it"
        ),
        pytest.param("\n\n  " + rss(item(1)), id="blank lines before the declaration"),
        pytest.param('<?xml version="1.0"?>' + rss(item(1)), id="two declarations"),
        pytest.param(rss(item(1), prolog='<?xml version="1.1"?>'), id="XML 1.1"),
        pytest.param(
            rss(item(1), prolog="<?xml version='1.0' encoding='bogus-8'?>"), id="an unknown encoding"
        ),
        pytest.param(
            rss(item(1)).replace("<item>", "<ITEM>").replace("</item>", "</ITEM>"), id="capital names"
        ),
        pytest.param(rss(item(1), "<item/>" * 3), id="empty items"),
        pytest.param(
            rss("<item><title>&#x1;&#xFFFF;T</title><link>https://news.example/1</link></item>"),
            id="no characters",
        ),
    ],
)
def test_malformed_documents_still_give_their_items(document):
    assert "https://news.example/1" in [entry.url for entry in parse(document).entries]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("</title>", "</b></title>", id="a stray end tag"),
        pytest.param("</title>", "</TITLE>", id="an end tag in capitals"),
        pytest.param("</description>", "<br><p>x</description>", id="HTML left open"),
        pytest.param("</description>", " 1 < 2 <= 3</description>", id="angle brackets that are not tags"),
        pytest.param("</item>", "", id="no item has an end"),
        pytest.param("</channel>", "", id="the channel has no end"),
        pytest.param("<item>", "<item a='1' a='2'>", id="an attribute twice"),
        pytest.param("<item>", "<item a=1 b>", id="attributes without quotes and value"),
        pytest.param("<rss", "<b>Notice</b>: x in y.php<br>\n<rss", id="HTML before the feed"),
        pytest.param("<rss", "<!-- <rss> --><!DOCTYPE rss><rss", id="a comment that mentions it"),
        pytest.param("<description>", "<description>]]>", id="a section's end alone"),
        pytest.param("<description>", "<description><a$b>", id="an invalid name"),
        pytest.param("<description>", "<description><? >", id="an invalid processing instruction"),
        pytest.param("<description>", "<description><!ELEMENT a>", id="a declaration in the middle"),
    ],
)
def test_what_mending_gives_is_what_was_meant(old, new):
    items = [
        f"<item><title>T{n}</title><link>/{n}</link><description>d</description></item>" for n in range(3)
    ]
    document = f"<rss><channel><title>News</title>{''.join(items)}</channel></rss>"
    whole, mended = parse(document), parse(document.replace(old, new))
    assert [(e.title, e.url) for e in mended.entries] == [(e.title, e.url) for e in whole.entries]
    assert mended.title == "News"


def test_of_two_readings_the_one_with_more_items_counts():
    def raw(*titles: str, date: str | None = None) -> RawFeed:
        return FeedDocument(FeedKind.RSS, tuple(RawItem(t, published_raw=date) for t in titles), ttl_s=60)

    assert _best(raw("a"), raw("a", "b"), URL, "x") == raw("a", "b")
    assert _best(raw("a", "b"), raw("c"), URL, "x") == raw("a", "b")
    assert _best(raw("a", date="1"), raw("b", date="2"), URL, "x") == raw("a", date="2")
    assert _best(raw("a", date="1"), raw("b"), URL, "x") == raw("a", date="1")
    assert _best(None, raw("b"), URL, "x") == raw("b")
    with pytest.raises(FeedFormatError, match="cannot be parsed as XML"):
        _best(None, None, URL, "x")


def test_the_loose_reader_reads_what_the_tree_reader_reads():
    loose = read_with_feedparser(rss(item(1)), URL, FeedKind.RSS)
    assert [(i.title, i.link) for i in loose.entries] == [("Title 1", "https://news.example/1")]


def test_a_malformed_feed_keeps_dates_ttl_and_language():
    document = (
        '<rss xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><ttl>90</ttl><language>de</language>'
        "<item><title>A</b></title><link>/1</link><dc:date>2026-01-10T10:00:00Z</dc:date></item></"
        "channel></rss>"
    )
    feed = parse(document)
    assert (feed.ttl_s, feed.language) == (5400, "de")
    assert feed.entries[0].published_at == datetime(2026, 1, 10, 10, tzinfo=UTC)


def test_what_feedparser_raises_on_is_read():
    feed = parse(rss(item(1, "A&#xD800;B&#x110000;C"), prolog=r'<!DOCTYPE rss [<!ENTITY path "C:\new\1">]>'))
    assert titles(feed) == ["ABC 1"]


def test_five_thousand_items_quickly():
    start = time.process_time()
    feed = parse(rss(*(item(n) for n in range(5000))))
    assert len(feed.entries) == 5000
    assert feed.entries[4999].url == "https://news.example/4999"
    assert time.process_time() - start < 5


# --- encodings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "encoding", "declared", "header"),
    [
        pytest.param("Москва", "utf-8", "windows-1251", None, id="declared one-byte, is UTF-8"),
        pytest.param("Москва", "utf-8", "utf-8", "text/xml; charset=iso-8859-1", id="header lies"),
        pytest.param("Москва", "cp1251", "windows-1251", "text/xml", id="declared in the document"),
        pytest.param("Москва", "koi8_r", "koi8-r", "text/xml; charset=iso-8859-1", id="a server's default"),
        pytest.param(
            "Москва", "cp1251", "koi8-r", "text/xml; charset=windows-1251", id="header before document"
        ),
        pytest.param(
            "Москва", "cp1251", "utf-8", "text/xml; charset=windows-1251", id="declared in the header"
        ),
        pytest.param("“Quotes” – dash", "cp1252", "iso-8859-1", None, id="ISO 8859-1 means Windows-1252"),
        pytest.param("café “x”", "cp1252", "utf-8", None, id="declared UTF-8, is Windows-1252"),
        pytest.param("日本のニュース", "shift_jis", "Shift_JIS", None, id="Shift JIS"),
        pytest.param("日本のニュース", "euc_jp", "EUC-JP", None, id="EUC-JP"),
        pytest.param("日本のニュース", "iso2022_jp", "ISO-2022-JP", None, id="ISO-2022-JP"),
        pytest.param("中文新闻", "gb18030", "gb2312", None, id="GB2312 means GB18030"),
        pytest.param("Привет", "utf-16", "utf-16", None, id="UTF-16 with mark"),
        pytest.param("Привет", "utf-16-le", "utf-8", None, id="UTF-16 without mark, declared UTF-8"),
        pytest.param("Привет", "utf-16-be", "utf-16", None, id="UTF-16 big-endian without mark"),
        pytest.param("Привет", "utf-32", "utf-32", None, id="UTF-32"),
        pytest.param("Привет", "utf-8-sig", "utf-16", None, id="a UTF-8 mark, declared UTF-16"),
        pytest.param("Привет", "koi8_r", "koi8-r", None, id="KOI8-R"),
    ],
)
def test_encodings(title, encoding, declared, header):
    document = rss(item(1, title), prolog=f'<?xml version="1.0" encoding="{declared}"?>')
    assert titles(parse(document.encode(encoding), header)) == [f"{title} 1"]


def test_an_undeclared_encoding_is_that_of_the_source_s_language():
    document = rss(item(1, "Москва")).encode("cp1251")
    assert titles(parse(document, language="ru")) == ["Москва 1"]


def test_a_few_broken_bytes_do_not_turn_utf8_into_something_else():
    document = rss(item(1, "Москва и область"), item(2, "x\udcff")).encode("utf-8", "surrogateescape")
    assert titles(parse(document))[0] == "Москва и область 1"


def test_gzip_inside_the_body():
    assert titles(parse(gzip.compress(rss(item(1)).encode()))) == ["Title 1"]


# --- made to harm ----------------------------------------------------------------------------

LAUGHS = (
    "<!DOCTYPE rss [<!ENTITY a '"
    + "ha" * 50
    + "'>"
    + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    "prolog",
    [
        pytest.param(LAUGHS, id="billion laughs"),
        pytest.param('<!DOCTYPE rss [<!ENTITY j SYSTEM "file:///etc/passwd">]>', id="a file"),
        pytest.param('<!DOCTYPE rss [<!ENTITY j PUBLIC "x" "http://127.0.0.1/x">]>', id="an address"),
        pytest.param(
            "<!DOCTYPE rss [<!-- it's --><!ENTITY j SYSTEM 'file:///etc/passwd'>]>", id="behind a comment"
        ),
        pytest.param('<!doctype rss [<!ENTITY j SYSTEM "file:///etc/passwd">]>', id="in small letters"),
        pytest.param('<!DOCTYPE rss [<!ENTITY j "&#38;k;"><!ENTITY k "x">]>', id="a hidden reference"),
        pytest.param(f"<!DOCTYPE rss [<!ENTITY j '{'x' * 5000}'>]>", id="a long text"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32-be"])
def test_dangerous_entities_are_refused(prolog, encoding):
    document = rss(item(1, "&j;"), prolog=prolog).encode(encoding)
    with pytest.raises(FeedFormatError) as caught:
        parse(document)
    assert caught.value.error_class is ErrorClass.PARSE


def test_utf7_hides_nothing():
    hidden = '+ADwAIQ-DOCTYPE rss +AFsAPAAh-ENTITY j SYSTEM "file:///etc/passwd"+AD4AXQA+-'
    feed = parse('<?xml version="1.0" encoding="utf-7"?>' + hidden + rss(item(1, "&j;"), prolog=""))
    assert titles(feed) == ["&j; 1"]


def test_dangerous_entities_that_nobody_uses_do_no_harm():
    feed = parse(rss(item(1), prolog=LAUGHS))
    assert titles(feed) == ["Title 1"]
    assert any("entities" in problem for problem in feed.problems)


def test_entities_that_are_plain_text_are_used():
    feed = parse(rss(item(1, "&co; &amp; more"), prolog="<!DOCTYPE rss [<!ENTITY co 'Smith &#38; Sons'>]>"))
    assert titles(feed) == ["Smith & Sons & more 1"]


def test_many_uses_of_one_entity_are_refused():
    document = rss(item(1, "&co;" * 5000), prolog=f"<!DOCTYPE rss [<!ENTITY co '{'x' * 1000}'>]>")
    with pytest.raises(FeedFormatError):
        parse(document)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("<rss>" + "<a>" * 100_000, id="unclosed"),
        pytest.param(
            "<rss><channel><item>" + "<a>" * 1000 + "</a>" * 1000 + "</item></channel></rss>", id="closed"
        ),
        pytest.param("<urlset><url>" + "<loc>" * 100_000, id="sitemap"),
    ],
)
def test_deep_nesting_is_refused(document):
    with pytest.raises(FeedFormatError, match="deep"):
        parse(document)


def test_markup_in_cdata_and_comments_is_not_nesting():
    deep = "<div>" * 5000
    feed = parse(
        rss(f"<!--{deep}--><item><link>/1</link><description><![CDATA[{deep}]]></description></item>")
    )
    assert len(feed.entries) == 1


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("<rss" + " a='" * 200_000, id="attributes without end"),
        pytest.param("<rss>" + "<!--" * 200_000, id="comments without end"),
        pytest.param("<rss>" + "<![CDATA[" * 100_000, id="CDATA without end"),
        pytest.param("<!DOCTYPE " + "[" * 200_000, id="DOCTYPE without end"),
        pytest.param("<!DOCTYPE rss [" + "<!ENTITY " * 100_000, id="declarations without end"),
        pytest.param("<!DOCTYPE rss [" + "<!-- -->" * 50_000, id="comments in a DOCTYPE without end"),
        pytest.param("<!DOCTYPE rss [" + "<!--" * 50_000, id="open comments in a DOCTYPE"),
        pytest.param("<?xml " * 100_000, id="declarations"),
        pytest.param("<" * 500_000, id="brackets"),
        pytest.param("&" * 500_000, id="ampersands"),
        pytest.param("<rss><item><title>" + "&lt;" * 200_000, id="escaped brackets"),
        pytest.param(
            "<rss><item><title>" + "&lt;!--" * 50_000 + "</title></item></rss>", id="escaped comments"
        ),
        pytest.param(
            "<rss><item><title>" + "&lt;script&gt;" * 20_000 + "</title></item></rss>", id="escaped scripts"
        ),
        pytest.param(
            "<rss><item><title>" + "&lt;b " * 50_000 + "</title></item></rss>", id="escaped open tags"
        ),
        pytest.param("<rss><item><pubDate>" + "1" * 500_000 + "</pubDate></item></rss>", id="a long date"),
        pytest.param("<rss><item><link>" + "a" * 500_000 + "</link></item></rss>", id="a long link"),
        pytest.param(
            "<rss><item><link>http://a.example/" + "a" * 50_000 + "#</link></item></rss>", id="a link with #"
        ),
        pytest.param("<rss><item><link>http://" + "a-" * 50_000 + "#</link></item></rss>", id="a long host"),
        pytest.param("<rss><item><link>/a" + " " * 200_000 + "b</link></item></rss>", id="a link of spaces"),
        pytest.param("<html>" + "<a href='/1'><b>" * 20_000, id="a deep page of links"),
        pytest.param("<html>" + "<a href='/1'>T<b>1</b></a>" * 6_000, id="a page of links"),
        pytest.param("<rss><item a='" + "b" * 500_000 + "'/></rss>", id="a long attribute"),
        pytest.param("<html>" + "<div>" * 20_000, id="a deep page"),
        pytest.param('{"items":[' + '{"a":' * 50_000, id="deep JSON"),
        pytest.param('{"items": ' + "9" * 100_000 + "}", id="a long number"),
    ],
)
def test_no_document_takes_long(document):
    start = time.process_time()
    try:
        parse_feed(document.encode(), DateContext(NOW), url=URL, listing=ListingRules("a", date="b"))
    except FeedFormatError as error:
        assert str(error)
    assert time.process_time() - start < 5


PIECES = st.sampled_from(
    [
        "<rss>", "</rss>", "<channel>", "</channel>", "<item>", "</item>", "<title>", "</title>", "<link>",
        "</link>",
        "<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>", "</entry>", "<![CDATA[", "]]>", "<!--",
        "-->", "&",
        "&amp;", "&#0;", "&#xD800;", "<?xml version='1.0'?>", "<!DOCTYPE rss [", "]>", "<!ENTITY a 'b'>",
        "&a;", "'", '"',
        "{", '"items": [', "]", "}", "<urlset>", "<url>", "<loc>", "http://a.example/", "<html>",
        "<link rel=alternate",
        "\x00", "\ufeff", "é", "https://a.example/\n", "<pubDate>", "1 Jan 2026", "+99:99", "<a:b c:d='e'>",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=2000)
@given(
    st.lists(PIECES | st.text(max_size=8), max_size=30).map("".join),
    st.sampled_from(["utf-8", "utf-16", "cp1251"]),
)
def test_any_text_gives_a_feed_or_our_error(text, encoding):
    _read_anything(text.encode(encoding, "replace"))


@settings(max_examples=200, deadline=2000)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"<rss>", b"{", b"\x1f\x8b\x08\x00", b"\xff\xfe", b"<html>"]),
)
def test_any_bytes_give_a_feed_or_our_error(body, start):
    _read_anything(start + body)


def _read_anything(body: bytes) -> None:
    try:
        feed = parse_feed(
            body,
            DateContext(NOW),
            url=URL,
            content_type="text/xml",
            listing=ListingRules("a", link="a", date="b"),
        )
    except FeedFormatError as error:
        assert error.reason
        return
    assert all(entry.url.startswith(("http://", "https://")) for entry in feed.entries)
    assert all("\x00" not in (entry.title or "") for entry in feed.entries)
