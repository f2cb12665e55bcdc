"""Feed documents with one randomly damaged item: the other items keep their values.

`WIREHOUSE_MUTANTS` sets the number of mutants per document (default 400); the seed is fixed.
"""

import os
import random
import re

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.parse import parse_feed
from tasks.errors import FeedFormatError
from tests.unit.feeds.test_items import CONTEXT, URL
from warehouse.records.feed import FeedEntry

N_MUTANTS = int(os.environ.get("WIREHOUSE_MUTANTS", "400"))
N_ITEMS = 5
DAMAGED = 3  # the item that is mutated; before and behind it stand two whole ones

# Values that real feeds were seen with, and what lies around them.
VALUES = (
    "", " ", "0", "-1", "99:99", "2024-05-06T10:61:55Z", "2024-05-06T25:00:00Z", "2024-13-45", "9" * 400,
    "Mon, 99 Foo 2024 99:99:99 +9999", "\u0664\u0662", "&#0;", "&#xD800;", "&nbsp;", "&unknown;", "&", "]]>",
    "https://", "https://[", "http://a b/", "javascript:1", "\ufeff", "\u202e", "x" * 5000, "\u0000", "null",
    "<![CDATA[x]]>", "<b>", "<i/>", "<m:x>y</m:x>", "<!-- c -->", "<?pi x?>",
)  # fmt: skip
ATTRIBUTES = (
    "",
    ' type="html"',
    ' type="a/b"',
    ' mode="base64"',
    ' xml:base="http://["',
    ' m:x="1"',
    ' xml:lang=""',
)
NAMES = ("title", "dc:title", "m:title", "link", "guid", "pubDate", "dc:date", "author", "url", "loc", "x-y")


def rss() -> list[str]:
    head = '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title>'
    items = [
        f"<item><title>Title {n}</title><link>https://gazette.example/{n}</link><guid>g{n}</guid>"
        f"<pubDate>Mon, 06 May 2024 1{n}:00:00 GMT</pubDate><dc:creator>Author {n}</dc:creator></item>"
        for n in range(1, N_ITEMS + 1)
    ]
    return [head, *items, "</channel></rss>"]


def atom() -> list[str]:
    items = [
        f'<entry><title>Title {n}</title><link href="https://gazette.example/{n}"/><id>g{n}</id>'
        f"<published>2024-05-06T1{n}:00:00Z</published><author><name>Author {n}</name></author></entry>"
        for n in range(1, N_ITEMS + 1)
    ]
    return ['<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>', *items, "</feed>"]


def sitemap() -> list[str]:
    head = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
    )
    items = [
        f"<url><loc>https://gazette.example/{n}</loc><news:news><news:publication_date>2024-05-06T1{n}:00:00Z"
        f"</news:publication_date><news:title>Title {n}</news:title></news:news></url>"
        for n in range(1, N_ITEMS + 1)
    ]
    return [head, *items, "</urlset>"]


def json_feed() -> list[str]:
    items = [
        f'{{"id": "g{n}", "url": "https://gazette.example/{n}", "title": "Title {n}", '
        f'"date_published": "2024-05-06T1{n}:00:00Z", "authors": [{{"name": "Author {n}"}}]}}'
        for n in range(1, N_ITEMS + 1)
    ]
    joined = [item + ("," if n < N_ITEMS else "") for n, item in enumerate(items, 1)]
    return ['{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [', *joined, "]}"]


def mutate_markup(item: str, chance: random.Random) -> str:
    """Return the item with one value, attribute or element changed; its own tags stay balanced."""
    kind = chance.randrange(4)
    if kind == 0:  # another text
        texts = list(re.finditer(r">([^<]*)</", item))
        place = chance.choice(texts)
        value = chance.choice(VALUES)
        return item[: place.start(1)] + _balanced(value) + item[place.end(1) :]
    if kind == 1:  # another attribute
        tags = list(re.finditer(r"<[\w:]+(?=[ >/])", item))
        place = chance.choice(tags)
        return item[: place.end()] + chance.choice(ATTRIBUTES) + item[place.end() :]
    if kind == 2:  # one more element
        name, value = chance.choice(NAMES), _balanced(chance.choice(VALUES))
        place = item.index(">") + 1
        return f"{item[:place]}<{name}>{value}</{name}>{item[place:]}"
    pairs = list(re.finditer(r"<([\w:]+)>[^<]*</\1>", item))  # one element less
    place = chance.choice(pairs)
    return item[: place.start()] + item[place.end() :]


def _balanced(value: str) -> str:
    return value.replace("<b>", "<b></b>").replace("]]>", "]]&gt;") if "CDATA" not in value else value


def mutate_json(item: str, chance: random.Random) -> str:
    """Return the item with one value of another text or type."""
    values = (
        "null",
        "true",
        "[]",
        "{}",
        "12345678901234567890",
        "-1e400",
        '""',
        '"x"',
        '["a", 1, null]',
        '{"name": 1}',
    )
    texts = [f'"{value}"' for value in VALUES if '"' not in value and "\u0000" not in value]
    pairs = list(re.finditer(r'("[a-z_]+": )("[^"]*")', item))
    place = chance.choice(pairs)
    return item[: place.start(2)] + chance.choice([*values, *texts]) + item[place.end(2) :]


@pytest.mark.parametrize(
    ("make", "mutate"),
    [
        pytest.param(rss, mutate_markup, id="RSS"),
        pytest.param(atom, mutate_markup, id="Atom"),
        pytest.param(sitemap, mutate_markup, id="news sitemap"),
        pytest.param(json_feed, mutate_json, id="JSON Feed"),
    ],
)
def test_only_the_damaged_item_suffers(make, mutate):
    pieces = make()
    whole = {entry.url: entry for entry in parse("".join(pieces))}
    assert len(whole) == N_ITEMS
    chance = random.Random(20240506)
    lost: list[str] = []
    for _ in range(N_MUTANTS):
        mutant = list(pieces)
        mutant[DAMAGED] = mutate(mutant[DAMAGED], chance)
        entries = {entry.url: entry for entry in parse("".join(mutant))}
        others = [entry for url, entry in whole.items() if not url.endswith(f"/{DAMAGED}")]
        if any(entries.get(entry.url) != entry for entry in others):
            lost.append(mutant[DAMAGED])
    assert lost == []


def parse(document: str) -> tuple[FeedEntry, ...]:
    try:
        return parse_feed(document.encode("utf-8", "replace"), CONTEXT, url=URL).entries
    except FeedFormatError:
        return ()


def test_the_context_has_no_settings():
    assert DateContext(CONTEXT.now) == CONTEXT
