"""Feed documents in every format -> entries: titles, links, dates, and problems."""

from datetime import UTC, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.parse import parse_feed, read_document
from tasks.errors import ErrorClass, FeedFormatError
from warehouse.records.source import FeedKind, ListingRules

NOW = datetime(2026, 1, 12, tzinfo=UTC)
URL = "https://news.example/feed/rss.xml"


def parse(text: str | bytes, **settings: object):
    body = text.encode() if isinstance(text, str) else text
    dates = {name: settings.pop(name) for name in ("zone", "date_order") if name in settings}
    return parse_feed(body, DateContext(NOW, **dates), url=URL, **settings)  # type: ignore[arg-type]


def rss(items: str, channel: str = "", attributes: str = "") -> str:
    return f'<rss version="2.0" {attributes}><channel>{channel}{items}</channel></rss>'


def atom(entries: str, attributes: str = "") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}>{entries}</feed>'


RSS_NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:x="https://unknown.example/ns"'
)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        pytest.param(rss("<item><link>/a</link></item>"), FeedKind.RSS, id="RSS 2.0"),
        pytest.param(
            '<rss version="0.91"><channel><item><link>/a</link></item></channel></rss>',
            FeedKind.RSS,
            id="0.91",
        ),
        pytest.param(
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://'
            'purl.org/rss/1.0/">'
            "<channel/><item><link>/a</link></item></rdf:RDF>",
            FeedKind.RSS,
            id="RDF: items beside the channel",
        ),
        pytest.param(atom('<entry><link href="/a"/></entry>'), FeedKind.ATOM, id="Atom 1.0"),
        pytest.param(
            '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><link rel="alternate" '
            'href="/a"/></entry></feed>',
            FeedKind.ATOM,
            id="Atom 0.3",
        ),
        pytest.param(
            '<entry xmlns="http://www.w3.org/2005/Atom"><link href="/a"/></entry>',
            FeedKind.ATOM,
            id="an entry alone",
        ),
        pytest.param('<CHANNEL><ITEM HREF="/a"><TITLE>T</TITLE></ITEM></CHANNEL>', FeedKind.RSS, id="CDF"),
        pytest.param(
            '{"version":"https://jsonfeed.org/version/1.1","items":[{"url":"/a"}]}', FeedKind.JSON, id="JSON"
        ),
        pytest.param("<urlset><url><loc>/a</loc></url></urlset>", FeedKind.SITEMAP, id="sitemap"),
        pytest.param("https://news.example/a\n", FeedKind.SITEMAP, id="sitemap as text"),
        pytest.param(
            '<r:rss xmlns:r="http://backend.userland.com/rss2"><r:channel><r:item><r:link>/a</'
            "r:link></r:item>"
            "</r:channel></r:rss>",
            FeedKind.RSS,
            id="everything prefixed",
        ),
        pytest.param(
            '<rss xmlns="https://never.heard.example/of"><channel><item><link>/a</link></item></'
            "channel></rss>",
            FeedKind.RSS,
            id="an unknown default namespace",
        ),
        pytest.param(
            rss("<items><item><link>/a</link></item></items>"), FeedKind.RSS, id="items one level deeper"
        ),
    ],
)
def test_formats_are_told_apart_by_content(document, kind):
    feed = parse(document, content_type="text/html; charset=utf-8")
    assert feed.kind is kind
    assert [entry.url for entry in feed.entries] == ["https://news.example/a"]


@pytest.mark.parametrize(
    ("item", "url"),
    [
        pytest.param("<link> https://a.example/1\n</link>", "https://a.example/1", id="white space around"),
        pytest.param(
            "<link>https://a.example/long\n   /path</link>",
            "https://a.example/long/path",
            id="line break inside",
        ),
        pytest.param("<link>https://a.example/a b</link>", "https://a.example/a%20b", id="space inside"),
        pytest.param("<link>//a.example/1</link>", "https://a.example/1", id="without a scheme"),
        pytest.param("<link>../1</link>", "https://news.example/1", id="relative to the document"),
        pytest.param(
            "<link>?id=1&amp;b=2</link>", "https://news.example/feed/rss.xml?id=1&b=2", id="query only"
        ),
        pytest.param(
            "<link>https://a.example/?a=1&b=2</link>", "https://a.example/?a=1&b=2", id="bare ampersand"
        ),
        pytest.param(
            "<link>https://a.example/?a=1&copy=2</link>", "https://a.example/?a=1&copy=2", id="&copy is not ©"
        ),
        pytest.param(
            "<link><![CDATA[https://a.example/?a=1&amp;b=2&#038;c=3]]></link>",
            "https://a.example/?a=1&b=2&c=3",
            id="escaped once too often",
        ),
        pytest.param("<link><![CDATA[https://a.example/1]]></link>", "https://a.example/1", id="CDATA"),
        pytest.param('<link href="https://a.example/1"/>', "https://a.example/1", id="Atom link in RSS"),
        pytest.param(
            '<atom:link rel="self" href="https://a.example/self"/><link>https://a.example/1</link>',
            "https://a.example/1",
            id="an atom:link to itself is not the link",
        ),
        pytest.param("<guid>https://a.example/1</guid>", "https://a.example/1", id="guid is a permalink"),
        pytest.param(
            '<guid isPermaLink="true">https://a.example/2</guid><link>https://a.example/1</link>',
            "https://a.example/1",
            id="link before guid",
        ),
        pytest.param(
            "<link>https://feedproxy.example/~r/1</link>"
            "<feedburner:origLink>https://a.example/1</feedburner:origLink>",
            "https://a.example/1",
            id="origLink before a counter",
        ),
        pytest.param(
            "<image><link>https://a.example/image</link></image><link>https://a.example/1</link>",
            "https://a.example/1",
            id="an image's link is not the item's",
        ),
        pytest.param(
            '<source url="https://b.example/rss"><link>https://b.example/</link></source><link>'
            "https://a.example/1</link>",
            "https://a.example/1",
            id="a source's link is not the item's",
        ),
        pytest.param(
            "<link></link><link>https://a.example/1</link>",
            "https://a.example/1",
            id="the first link that is not empty",
        ),
        pytest.param(
            "<link>https://сайт.рф/новость</link>", "https://сайт.рф/новость", id="an IRI stays as written"
        ),
    ],
)
def test_rss_link(item, url):
    feed = parse(rss(f"<item>{item}</item>", attributes=RSS_NAMESPACES))
    assert [entry.url for entry in feed.entries] == [url]


@pytest.mark.parametrize(
    ("links", "url"),
    [
        pytest.param('<link href="/1"/>', "https://news.example/1", id="without rel it is alternate"),
        pytest.param(
            '<link rel="self" href="/s"/><link rel="enclosure" href="/e.mp3"/><link '
            'rel="alternate" href="/1"/>',
            "https://news.example/1",
            id="only alternate",
        ),
        pytest.param(
            '<link rel="alternate" type="application/json" href="/j"/><link rel="alternate" '
            'type="text/html" href="/1"/>',
            "https://news.example/1",
            id="HTML before other types",
        ),
        pytest.param(
            '<link rel="alternate">https://a.example/1</link>', "https://a.example/1", id="address as text"
        ),
        pytest.param(
            '<content src="https://a.example/1"/>', "https://a.example/1", id="content kept elsewhere"
        ),
        pytest.param(
            "<id>https://a.example/1</id>", "https://a.example/1", id="an id that is an address, at last"
        ),
        pytest.param(
            '<source><link href="https://b.example/"/></source><link href="/1"/>',
            "https://news.example/1",
            id="the quoted feed's link is not the entry's",
        ),
    ],
)
def test_atom_link(links, url):
    assert [entry.url for entry in parse(atom(f"<entry>{links}</entry>")).entries] == [url]


@pytest.mark.parametrize(
    ("document", "url"),
    [
        pytest.param(
            atom('<entry><link href="b/1"/></entry>', 'xml:base="https://base.example/a/"'),
            "https://base.example/a/b/1",
            id="absolute base of the feed",
        ),
        pytest.param(
            atom('<entry xml:base="c/"><link href="1"/></entry>', 'xml:base="/a/"'),
            "https://news.example/a/c/1",
            id="bases within bases, relative to the document",
        ),
    ],
)
def test_xml_base(document, url):
    assert parse(document).entries[0].url == url


@pytest.mark.parametrize(
    ("item", "word"),
    [
        pytest.param("<title>T</title>", "has no link", id="nothing"),
        pytest.param("<link>javascript:alert(1)</link>", "not an http(s) URL", id="javascript"),
        pytest.param("<link>mailto:desk@news.example</link>", "not an http(s) URL", id="mail"),
        pytest.param("<link>ftp://news.example/1</link>", "not an http(s) URL", id="FTP"),
        pytest.param("<link>file:///etc/passwd</link>", "not an http(s) URL", id="file"),
        pytest.param("<link>https://</link>", "not an http(s) URL", id="no host"),
        pytest.param("<link>http://[::1</link>", "not an http(s) URL", id="no URL at all"),
        pytest.param('<enclosure url="https://a.example/1.mp3"/>', "has no link", id="only an enclosure"),
        pytest.param(
            '<guid isPermaLink="false">https://a.example/1</guid>', None, id="a guid that is an address"
        ),
        pytest.param("<guid>12345</guid>", "has no link", id="a guid that is a number"),
    ],
)
def test_items_without_a_link_are_problems_not_entries(item, word):
    feed = parse(rss(f"<item>{item}</item><item><link>https://a.example/2</link></item>"))
    assert feed.entries[-1].url == "https://a.example/2"
    if word is None:
        assert len(feed.entries) == 2
    else:
        assert len(feed.entries) == 1
        assert any("Item 1" in problem and word in problem for problem in feed.problems)


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        pytest.param("A &amp; B", "A & B", id="ampersand"),
        pytest.param("A &amp;amp; B", "A & B", id="escaped twice"),
        pytest.param("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move", id="escaped markup"),
        pytest.param("<![CDATA[<b>Bold</b> move &#8211; now]]>", "Bold move – now", id="markup in CDATA"),
        pytest.param("Plain <b>bold</b> end", "Plain bold end", id="markup that was not escaped"),
        pytest.param(
            "How to use &lt;T&gt; in Rust", "How to use <T> in Rust", id="unknown elements are kept as text"
        ),
        pytest.param("3 &lt; 4 and 5 &gt; 4", "3 < 4 and 5 > 4", id="comparison signs"),
        pytest.param("One\n   two\t three", "One two three", id="white space folded"),
        pytest.param("It&#146;s here", "It’s here", id="Windows code points"),
        pytest.param("Caf&eacute; &nbsp; bar", "Café bar", id="HTML names without a DTD"),
        pytest.param("R&D at AT&T", "R&D at AT&T", id="bare ampersands"),
        pytest.param("Tom &unknown; Jerry", "Tom &unknown; Jerry", id="unknown names stay as written"),
        pytest.param("About &amp;lt;b&amp;gt; tags", "About <b> tags", id="decoded only once"),
        pytest.param("Line&lt;br/&gt;break", "Line break", id="a break is a space"),
        pytest.param("A&#xD800;B&#x110000;C&#0;D", "ABCD", id="references to no character"),
        pytest.param("A\x00B\x08C\x1bD", "ABCD", id="control characters"),
        pytest.param("&lt;script&gt;alert(1)&lt;/script&gt;News", "News", id="scripts with their text"),
        pytest.param("", None, id="empty"),
        pytest.param("&lt;img src='x'/&gt;", None, id="nothing but an image"),
        pytest.param("מהדורת חדשות", "מהדורת חדשות", id="right to left"),
    ],
)
def test_rss_title(title, plain):
    feed = parse(rss(f"<item><title>{title}</title><link>https://a.example/1</link></item>"))
    assert feed.entries[0].title == plain


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        pytest.param("<title>Less: &lt;T&gt;</title>", "Less: <T>", id="text by default"),
        pytest.param(
            '<title type="text">The &lt;b&gt; tag</title>', "The <b> tag", id="text keeps its brackets"
        ),
        pytest.param('<title type="html">A &lt;b&gt;bold&lt;/b&gt; move</title>', "A bold move", id="html"),
        pytest.param(
            '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>bold</b> &lt;b&gt;'
            "</div></title>",
            "A bold <b>",
            id="xhtml",
        ),
        pytest.param(
            '<title type="xhtml"><div>A<script>x()</script> b<style>y</style><i>c</i></div></title>',
            "A bc",
            id="xhtml without scripts",
        ),
        pytest.param('<title type="application/octet-stream">TmV3cw==</title>', "News", id="base64"),
        pytest.param('<title type="">News</title>', "News", id="an empty type"),
        pytest.param(
            "<source><title>Other</title></source><title>Own</title>", "Own", id="not the quoted feed's"
        ),
    ],
)
def test_atom_title(title, plain):
    assert parse(atom(f'<entry>{title}<link href="/1"/></entry>')).entries[0].title == plain


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("<media:title>M</media:title><title>T</title>", "T", id="own title first"),
        pytest.param("<dc:title>D</dc:title>", "D", id="Dublin Core"),
        pytest.param("<media:group><media:title>M</media:title></media:group>", "M", id="Media RSS group"),
        pytest.param("<x:title>X</x:title>", None, id="an unknown vocabulary's title is not the item's"),
    ],
)
def test_title_elsewhere(title, expected):
    feed = parse(rss(f"<item>{title}<link>/1</link></item>", attributes=RSS_NAMESPACES))
    assert feed.entries[0].title == expected


@pytest.mark.parametrize(
    ("dates", "published", "updated"),
    [
        pytest.param(
            "<pubDate>Sat, 10 Jan 2026 16:58:00 +0300</pubDate>", "2026-01-10T13:58:00Z", None, id="pubDate"
        ),
        pytest.param(
            "<dc:date>2026-01-10T16:58:00+03:00</dc:date>", "2026-01-10T13:58:00Z", None, id="dc:date"
        ),
        pytest.param(
            "<dc:date>2026-01-09T00:01:00Z</dc:date><pubDate>Sat, 10 Jan 2026 10:00:00 GMT</pubDate>",
            "2026-01-10T10:00:00Z",
            None,
            id="pubDate before dc:date",
        ),
        pytest.param(
            "<atom:updated>2026-01-10T10:00:00Z</atom:updated>",
            None,
            "2026-01-10T10:00:00Z",
            id="updated is not published",
        ),
        pytest.param(
            "<dcterms:modified>2026-01-10T10:00:00Z</dcterms:modified>",
            None,
            "2026-01-10T10:00:00Z",
            id="modified",
        ),
        pytest.param(
            "<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate>", None, None, id="an empty value's year 1"
        ),
        pytest.param("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>", None, None, id="the epoch"),
        pytest.param("<pubDate>Sat, 10 Jan 2099 10:00:00 GMT</pubDate>", None, None, id="the far future"),
        pytest.param("<pubDate>soon</pubDate>", None, None, id="no date"),
        pytest.param("<dc:date>2026-01-10T10:00:00+00:0</dc:date>", None, None, id="a zone cut off"),
        pytest.param("<pubDate>2026-01-10 16:58:00</pubDate>", None, None, id="no zone known: no instant"),
    ],
)
def test_dates(dates, published, updated):
    entry = parse(rss(f"<item><link>/1</link>{dates}</item>", attributes=RSS_NAMESPACES)).entries[0]
    assert (_utc(entry.published_at), _utc(entry.updated_at)) == (published, updated)


def test_a_date_without_zone_is_in_the_source_s_zone():
    document = rss("<item><link>/1</link><pubDate>10.01.2026 16:58</pubDate></item>")
    entry = parse(document, zone="Europe/Moscow", date_order="dmy").entries[0]
    assert _utc(entry.published_at) == "2026-01-10T13:58:00Z"
    assert entry.published_raw == "10.01.2026 16:58"


def _utc(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


@pytest.mark.parametrize(
    ("author", "names"),
    [
        pytest.param("<author>desk@news.example (Ann Lee)</author>", ("Ann Lee",), id="RSS"),
        pytest.param("<author>Ann Lee</author>", ("Ann Lee",), id="a name alone"),
        pytest.param("<author>desk@news.example</author>", (), id="an address is not a name"),
        pytest.param(
            "<dc:creator>Ann Lee</dc:creator><dc:creator>Bo Li</dc:creator>", ("Ann Lee", "Bo Li"), id="two"
        ),
        pytest.param(
            "<author>Ann Lee</author><dc:creator>Ann Lee</dc:creator>", ("Ann Lee",), id="named twice"
        ),
    ],
)
def test_authors(author, names):
    feed = parse(rss(f"<item><link>/1</link>{author}</item>", attributes=RSS_NAMESPACES))
    assert feed.entries[0].authors == names


@pytest.mark.parametrize(
    ("channel", "seconds"),
    [
        pytest.param("<ttl>60</ttl>", 3600, id="minutes"),
        pytest.param("<ttl>soon</ttl>", None, id="no number"),
        pytest.param(
            '<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">daily</sy:updatePeriod>'
            '<sy:updateFrequency xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">4</'
            "sy:updateFrequency>",
            21_600,
            id="four times a day",
        ),
        pytest.param("", None, id="nothing said"),
    ],
)
def test_ttl(channel, seconds):
    assert parse(rss("<item><link>/1</link></item>", channel)).ttl_s == seconds


def test_channel_title_language_and_older_entries():
    feed = parse(
        atom(
            '<title>News</title><link rel="next" href="?page=2"/><link rel="prev-archive" href="/2025.xml"/>'
            '<entry><link href="/1"/></entry>',
            'xml:lang="de"',
        )
    )
    assert (feed.title, feed.language, feed.next_url) == ("News", "de", "https://news.example/2025.xml")


def test_every_entry_keeps_its_place_and_doubles_are_kept():
    items = "".join(f"<item><guid>same</guid><link>/{n % 3}</link></item>" for n in range(7))
    urls = [entry.url[-1] for entry in parse(rss(items)).entries]
    assert urls == list("0120120")


def test_problems_of_many_items_are_told_once():
    no_links = "<item><title>T</title></item>" * 80
    doubles = "<item><guid>g</guid><link>/1</link></item><item><guid>g</guid><link>/2</link></item>"
    zoneless = "<item><link>/3</link><pubDate>2026-01-10 16:58</pubDate></item>" * 3
    problems = parse(rss(no_links + doubles + zoneless)).problems
    assert len(problems) == 53
    assert problems[50] == "30 more problems of single items."
    assert problems[51].startswith("3 dates name no zone")
    assert problems[52].startswith("1 guid is shared")


def test_no_base_leaves_a_relative_link_relative_and_makes_no_entry():
    document = read_document(rss("<item><link>/a</link></item>").encode(), DateContext(NOW), url="")
    assert document.entries[0].link == "/a"
    assert document.entries[0].url is None


@pytest.mark.parametrize(
    ("document", "error_class"),
    [
        pytest.param(b"", ErrorClass.EMPTY, id="nothing"),
        pytest.param(b" \n ", ErrorClass.EMPTY, id="white space"),
        pytest.param(b"hello", ErrorClass.NOT_A_FEED, id="text"),
        pytest.param(b"<html><body>Hi</body></html>", ErrorClass.NOT_A_FEED, id="a page"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", ErrorClass.NOT_A_FEED, id="a picture"),
        pytest.param(b"<opml><body/></opml>", ErrorClass.NOT_A_FEED, id="OPML"),
        pytest.param(b'{"a": 1}', ErrorClass.NOT_A_FEED, id="JSON that is not a feed"),
        pytest.param(b"{oops", ErrorClass.PARSE, id="broken JSON"),
        pytest.param(b"[" * 100_000, ErrorClass.PARSE, id="JSON nested without end"),
        pytest.param(b"\x1f\x8b\x08\x00broken", ErrorClass.PARSE, id="broken gzip"),
    ],
)
def test_what_is_no_feed(document, error_class):
    with pytest.raises(FeedFormatError) as caught:
        parse(document)
    assert caught.value.error_class is error_class
    assert str(caught.value).endswith(".")


def test_a_feed_without_a_single_link_is_an_error():
    with pytest.raises(FeedFormatError, match="None of the 2 items") as caught:
        parse(rss('<item><title>T</title></item><item><enclosure url="/a.mp3"/></item>'))
    assert caught.value.error_class is ErrorClass.NO_LINK


def test_an_empty_feed_is_a_feed():
    assert parse(rss("")).entries == ()


def test_nothing_is_longer_than_it_may_be():
    item = (
        f"<item><title>{'t ' * 9000}</title><link>/1</link><guid>{'g' * 9000}</guid>"
        + "<author>A B</author>" * 99
    )
    entry = parse(rss(item + f"<description>{'d' * 99_000}</description></item>")).entries[0]
    assert len(entry.title or "") == 1999
    assert (len(entry.guid or ""), len(entry.summary or ""), len(entry.authors)) == (2000, 20_000, 1)


def test_a_configured_kind_never_hides_what_the_document_is():
    listing = ListingRules(item="li")
    feed = parse(atom('<entry><link href="/a"/></entry>'), kind=FeedKind.LISTING, listing=listing)
    assert feed.kind is FeedKind.ATOM
