"""A set of small generated news sites, served for `bench.pipeline`.

    python -m bench.newsroom.site --port 9100 --sources 12 --articles 400 --truth F --feeds F

Source i listens on port + i. The port before the first is for control: GET /counts, /reset, /tick=N.
Tick 1 changes a tenth of the stories under their address and adds a twentieth; RSS does not say
that a story changed, Atom and the sitemap do. With --dump only the truth is written.
"""

import argparse
import hashlib
import json
import random
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FIRST = datetime(2026, 11, 20, 6, tzinfo=UTC)
_NOUNS = """council bridge river budget harbour teacher storm factory vote minister price water school train
doctor market strike winter island report border engine forest museum judge election police energy village
farmer station hospital contract tower coast union theatre record valley signal garden airport"""
_VERBS = "announced warned promised denied confirmed expected reported delayed approved questioned"
WORDS, VERBS = _NOUNS.split(), _VERBS.split()
_LETTERS = "etaoinshrdlucmfwypvbgk"
_N_MADE_UP = 50_000  # words: about as many as a thousand articles of several languages have

SentenceMaker = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class NewsStory:
    """One story; `paragraphs` by tick."""

    number: int
    source: int
    url: str
    path: str
    title: str
    at: datetime
    paragraphs: tuple[tuple[str, ...], tuple[str, ...]]
    is_new: bool  # only there from tick 1 on

    @property
    def is_changed(self) -> bool:
        return self.paragraphs[0] != self.paragraphs[1]

    def changed_at(self, tick: int) -> datetime:
        return self.at + timedelta(hours=5) if tick and self.is_changed else self.at


def sentence(chance: random.Random) -> str:
    a, b, c, d = (chance.choice(WORDS) for _ in range(4))
    return (
        f"The {a} {chance.choice(VERBS)} on day {chance.randrange(2, 400)} that the {b} near the {c} would "
        f"need {chance.randrange(20, 9000)} more people than the {d} had {chance.choice(VERBS)}."
    )


def distinct_sentence(chance: random.Random) -> str:
    """Return a sentence of made-up words; two sentences hardly ever share five words in a row.

    As in a language, few words are frequent and most are rare.
    """
    words = made_up_words()
    return " ".join(words[int(_N_MADE_UP * chance.random() ** 3)] for _ in range(20)) + "."


@cache
def made_up_words() -> tuple[str, ...]:
    """Return the words of distinct sentences, always the same."""
    chance = random.Random(0)
    return tuple("".join(chance.choices(_LETTERS, k=chance.randrange(2, 11))) for _ in range(_N_MADE_UP))


def paragraph(chance: random.Random, sentence: SentenceMaker = sentence) -> str:
    return " ".join(sentence(chance) for _ in range(chance.randrange(2, 5)))


def make_story(number: int, n_sources: int, port: int, sentence: SentenceMaker = sentence) -> NewsStory:
    chance = random.Random(number)
    source = number % n_sources
    title = f"{chance.choice(WORDS).title()} {chance.choice(VERBS)} by the {chance.choice(WORDS)} of {number}"
    path = f"/news/{title.lower().replace(' ', '-')}.html"
    before = tuple(paragraph(chance, sentence) for _ in range(chance.randrange(10, 24)))
    is_new, is_changed = chance.random() < 0.05, chance.random() < 0.1
    after = (before[0], sentence(chance), *before[1:]) if is_changed and not is_new else before
    at = FIRST + timedelta(minutes=chance.randrange(4 * 24 * 60))
    return NewsStory(
        number, source, f"http://127.0.0.1:{port + source}{path}", path, title, at, (before, after), is_new
    )


def page(story: NewsStory, tick: int) -> str:
    """Return a page of the usual size and shape; a fifteenth of it is the story.

    Medians of 738 pages of news sites: 108 to 147 kB, 740 to 800 elements, 131 links, 140 `div`, 80 `li`,
    26 `meta`, 16 to 26 scripts, 45 to 51 kB in attributes.
    """
    chance = random.Random(story.source)
    at, changed_at = story.at.isoformat(), story.changed_at(tick).isoformat()
    body = "".join(f'<p class="{_classes(chance, 2)}">{text}</p>\n' for text in story.paragraphs[tick])
    return (
        f'<!DOCTYPE html><html lang="en"><head>{_head(story, at, changed_at)}{_scripts(chance, 14)}</head>'
        f'<body class="{_classes(chance, 6)}"><header><nav><ul>{_menu(chance, 75)}</ul></nav></header><main>'
        f'<div class="{_classes(chance, 4)}"><article><h1>{story.title}</h1>'
        f'<p class="byline">By Ann Writer <time datetime="{at}">{story.at:%d %B %Y, %H:%M}</time></p>'
        f'<div class="{_classes(chance, 4)}" data-component="story-body">{body}</div></article></div></main>'
        f"<aside><h2>Most read</h2>{_teasers(chance, 45)}</aside>"
        "<footer><p>All rights reserved</p></footer></body></html>"
    )


def _head(story: NewsStory, at: str, changed_at: str) -> str:
    site = f"Paper {story.source}"
    metas = {
        "og:title": story.title,
        "og:type": "article",
        "og:site_name": site,
        "og:url": story.url,
        "article:published_time": at,
        "article:modified_time": changed_at,
    } | {f"paper:setting-{n}": f"value {n} of {story.source}" for n in range(18)}
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": at,
        "dateModified": changed_at,
        "author": [{"@type": "Person", "name": "Ann Writer"}],
        "publisher": {"@type": "Organization", "name": site},
        "mainEntityOfPage": story.url,
    }
    return (
        f'<meta charset="utf-8"><title>{story.title} | {site}</title>'
        f'<link rel="canonical" href="{story.url}">'
        + "".join(f'<meta property="{name}" content="{value}">' for name, value in metas.items())
        + f'<script type="application/ld+json">{json.dumps(said)}</script>'
    )


def _scripts(chance: random.Random, n: int) -> str:
    settings = ({f"key{k}": chance.randrange(10**9) for k in range(110)} for _ in range(n))
    return "".join(f"<script>window.part{k}={json.dumps(part)}</script>" for k, part in enumerate(settings))


def _menu(chance: random.Random, n: int) -> str:
    return "".join(
        f'<li class="{_classes(chance, 3)}"><a class="{_classes(chance, 4)}" data-track="navigation-{k}" '
        f'href="/{chance.choice(WORDS)}/{k}"><span class="icon icon--{k % 9}"></span>'
        f"{chance.choice(WORDS).title()}</a></li>"
        for k in range(n)
    )


def _teasers(chance: random.Random, n: int) -> str:
    return "".join(
        f'<div class="{_classes(chance, 4)}"><div class="{_classes(chance, 3)}">'
        f'<a class="{_classes(chance, 3)}" href="/story/{k}-{chance.choice(WORDS)}">'
        f"{'' if k % 3 else _image(k)}<h3>{sentence(chance)[:60]}</h3></a></div>"
        f'<div class="{_classes(chance, 3)}"><a href="/section/{k % 9}">{chance.choice(WORDS).title()}</a>'
        f'<span class="{_classes(chance, 2)}">{k} min read</span></div></div>'
        for k in range(n)
    )


def _image(number: int) -> str:
    sizes = ", ".join(f"/i/{number}-{size}.jpg {size}w" for size in (320, 640, 960, 1280))
    return f'<img loading="lazy" alt="" src="/i/{number}.jpg" width="320" height="180" srcset="{sizes}">'


def _classes(chance: random.Random, n: int) -> str:
    """Return class names as build tools make them."""
    return " ".join(
        f"{chance.choice(WORDS)}__{chance.choice(WORDS)}--{chance.randrange(10**6)}" for _ in range(n)
    )


def rss(source: int, stories: list[NewsStory]) -> str:
    items = "".join(
        f"<item><title>{s.title}</title><link>{s.url}</link><guid>{s.url}</guid>"
        f"<pubDate>{format_datetime(s.at)}</pubDate></item>"
        for s in stories
    )
    head = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Paper {source}</title>'
    return f"{head}{items}</channel></rss>"


def atom(source: int, stories: list[NewsStory], tick: int) -> str:
    items = "".join(
        f'<entry><title>{s.title}</title><id>{s.url}</id><link href="{s.url}"/><published>{s.at.isoformat()}'
        f"</published><updated>{s.changed_at(tick).isoformat()}</updated></entry>"
        for s in stories
    )
    head = f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Paper {source}</title>'
    return f"{head}{items}</feed>"


def sitemap(stories: list[NewsStory], tick: int) -> str:
    items = "".join(
        f"<url><loc>{s.url}</loc><lastmod>{s.changed_at(tick).isoformat()}</lastmod></url>" for s in stories
    )
    return (
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{items}</urlset>'
    )


def documents(stories: list[NewsStory], source: int, tick: int) -> dict[str, bytes]:
    """Return the documents of a source in a tick, by path."""
    own = [s for s in stories if s.source == source and (tick or not s.is_new)]
    own.sort(key=lambda s: s.at, reverse=True)
    found = {s.path: page(s, tick) for s in own}
    found["/feed.xml"] = atom(source, own, tick) if source % 3 == 1 else rss(source, own)
    found["/sitemap.xml"] = sitemap(own, tick)
    found["/robots.txt"] = "User-agent: *\nDisallow: /private/\n"
    return {path: text.encode() for path, text in found.items()}


class World:
    """The served documents, and the requests."""

    def __init__(self, stories: list[NewsStory], n_sources: int) -> None:
        self.tick = 0
        self.counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])  # 200, 304, 404 by URL
        self.served = [[documents(stories, source, tick) for source in range(n_sources)] for tick in (0, 1)]

    def answer(self, source: int, path: str, etag: str | None) -> tuple[int, bytes, str]:
        body = self.served[self.tick][source].get(path)
        if body is None:
            status, body, own = 404, b"nothing here", ""
        else:
            own = '"' + hashlib.md5(body, usedforsecurity=False).hexdigest() + '"'
            status = 304 if etag == own else 200
        self.counts[f"{source}{path}"][(200, 304, 404).index(status)] += 1
        return status, b"" if status == 304 else body, own

    def control(self, path: str) -> bytes:
        if path == "/reset":
            self.counts.clear()
        elif path.startswith("/tick"):
            self.tick = int(path[6:] or 1)
        return json.dumps(self.counts).encode()


def handler(world: World, source: int | None) -> type[BaseHTTPRequestHandler]:
    class NewsHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if source is None:
                status, body, etag = 200, world.control(self.path), ""
            else:
                status, body, etag = world.answer(source, self.path, self.headers.get("If-None-Match"))
            kind = "application/xml" if self.path.endswith(".xml") else "text/html; charset=utf-8"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if etag:
                self.send_header("ETag", etag)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return NewsHandler


def truth(stories: list[NewsStory], tick: int) -> str:
    rows = [
        {
            "url": s.url,
            "body": "\n".join(s.paragraphs[tick]),
            "updated_at_tick1": s.is_changed,
            "new_at_tick1": s.is_new,
        }
        for s in stories
        if tick or not s.is_new
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("port", 9100), ("sources", 12), ("articles", 400), ("tick", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    for name in ("truth", "feeds", "dump", "host"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--distinct", action="store_true", help="hardly any two stories share a run of words")
    options = parser.parse_args()
    maker = distinct_sentence if options.distinct else sentence
    stories = [make_story(n, options.sources, options.port, maker) for n in range(options.articles)]
    if options.truth:
        Path(options.truth).write_text(truth(stories, options.tick))
    if options.feeds:
        urls = [f"http://127.0.0.1:{options.port + n}/feed.xml\n" for n in range(options.sources)]
        Path(options.feeds).write_text("".join(urls))
    if options.dump:
        return
    world = World(stories, options.sources)
    for source in (None, *range(options.sources)):
        port = options.port - 1 if source is None else options.port + source
        server = ThreadingHTTPServer(("127.0.0.1", port), handler(world, source))
        threading.Thread(target=server.serve_forever).start()
    print("ready", flush=True)


if __name__ == "__main__":
    main()
