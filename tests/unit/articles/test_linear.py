"""The time to extract a page grows linearly with its size, whatever it repeats.

Each kind of repetition is read at a size and at four times the size, in several containers; process time
is compared. A second try is given: other processes disturb the first.
"""

import time
from contextlib import suppress

import pytest

from tasks.domain.articles.article import PageContext, read_article
from tasks.errors import ExtractionError
from warehouse.records.source import Source

SENTENCE = "One sentence of the long report from the harbour town stands here."
KINDS = {
    "attributes": lambda n: f"<p {' '.join(f'data-a{i}=x' for i in range(10 * n))}>{SENTENCE}</p>",
    "date attributes": lambda n: (
        f"<time {' '.join(f'data-a{i}=2020-01-02' for i in range(10 * n))}>10 May</time>"
    ),
    "table rows": lambda n: "<table>" + "<tr><td>Runner</td><td>12.5</td><td>Club</td></tr>" * n + "</table>",
    "table cells": lambda n: "<table><tr>" + "<td>Name of runner</td>" * n + "</tr></table>",
    "articles": lambda n: f"<article><h2>Entry of the day</h2><p>{SENTENCE}</p></article>" * n,
    "line breaks": lambda n: f"{SENTENCE}<br>" * n,
    "short line breaks": lambda n: "line of text here<br>" * (10 * n),
    "fields for addresses": lambda n: "<div><input type=email></div>" * n + f"<p>{SENTENCE}</p>",
    "linked boxes": lambda n: "<div><h3><a href=/x>One headline of the list</a></h3></div>" * n,
    "wrapped lines": lambda n: f"<pre>{f'{SENTENCE}{chr(10)}' * n}</pre>",
    "strings of a script": lambda n: "<script>x='" + '"\\"' * (20 * n) + "'</script>",
    "same paragraphs": lambda n: f"<p>{SENTENCE}</p>" * n,
    "other paragraphs": lambda n: "".join(f"<p>Number {i}. {SENTENCE}</p>" for i in range(n)),
    "list items": lambda n: "<ul>" + "<li>One item of the list</li>" * n + "</ul>",
    "list of links": lambda n: "<ul>" + "<li><a href=/x>One headline of the long list</a></li>" * n + "</ul>",
    "bare blocks": lambda n: f"<div>{SENTENCE}</div>" * n,
    "named blocks": lambda n: "".join(f"<div class=related-{i}>{SENTENCE}</div>" for i in range(n)),
    "inline": lambda n: "<p>" + "<b>word</b> and " * n + "</p>",
    "sub-headings": lambda n: "".join(f"<h2>Part {i}</h2><p>Number {i}. {SENTENCE}</p>" for i in range(n)),
    "first-level headings": lambda n: f"<h1>Heading of a part</h1><p>{SENTENCE}</p>" * n,
    "quotations": lambda n: f"<blockquote><p>{SENTENCE}</p></blockquote>" * n,
    "pointers": lambda n: "<p>Read also: <a href=/x>One headline of the long list</a></p>" * n,
    "definitions": lambda n: "<dl>" + f"<dt>Name</dt><dd>{SENTENCE}</dd>" * n + "</dl>",
    "comments": lambda n: f"<div class=comment-body><p>{SENTENCE}</p></div>" * n,
    "labels": lambda n: "<p>Comments</p><p>One sentence.</p>" * n,
    "stray ends of paragraphs": lambda n: f"{SENTENCE}</p>" * n,
    "nested blocks": lambda n: "<div>" * n + SENTENCE + "</div>" * n,
    "nested tables": lambda n: "<table><tr><td>" * n + SENTENCE,
    "unfinished tags": lambda n: "</p>" * n + "<div " * (20 * n),
    "one long line": lambda n: f"<p>{(SENTENCE + ' ') * n}</p>",
}
CONTAINERS = (
    "<title>Council decides</title><h1>Council decides</h1><p>First sentence of the report from "
    "the town.</p>%s",
    "<article><h1>Council decides</h1><p>First sentence of the report from the town hall.</p>%s</article>",
    "<table><tr><td><h1>Council decides</h1>%s</td></tr></table>",
)
SMALL, TIMES = 300, 4
MOST = 1.5  # of linear growth
NOISE_S = 0.15  # of process time: less says nothing


def seconds(html: str) -> float:
    url = "https://daily.example/news/1"
    started = time.process_time()
    with suppress(ExtractionError):
        read_article(html.encode(), PageContext(url, url, "k"), Source("s", "The Source"))
    return time.process_time() - started


@pytest.mark.parametrize("kind", KINDS)
def test_time_grows_with_the_page(kind):
    container = CONTAINERS[sorted(KINDS).index(kind) % len(CONTAINERS)]
    pages = [f"<html><body>{container % KINDS[kind](n)}</body></html>" for n in (SMALL, SMALL * TIMES)]
    assert any(is_linear(*pages) for _ in range(2))


def is_linear(small: str, large: str) -> bool:
    return seconds(large) <= MOST * TIMES * max(seconds(small), NOISE_S / TIMES)
