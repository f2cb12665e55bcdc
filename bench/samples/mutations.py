"""Accuracy on the sample pages with one kind of evidence removed, or with text of others added.

    python -m bench.samples.mutations [--pages N] [--worst N] [MUTATION …]

Each mutation changes the HTML of a page as another system would write it: no JSON-LD, no class names, each
paragraph in a box of its own, a cookie notice in front. The truth stays the same, so a rule that needs one
piece of evidence loses accuracy there. Reference: the same pages as they are. `--worst` lists the pages that
lose most.
"""

import argparse
import logging
import os
import re
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from bench.samples.corpus import Corpus, SamplePage, Scored, open_corpus, text_value
from bench.samples.peers import NOW
from tasks.domain.articles.article import PageContext, read_article
from tasks.domain.pages.tree import decode_page
from tasks.errors import ItemError
from warehouse.records.source import Source

Mutate = Callable[[str], str]

_NAMES = re.compile(r"\b(class|id)\s*=\s*(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_JSON_LD = re.compile(r"<script[^>]*ld\+json[^>]*>.*?</script>", re.IGNORECASE | re.DOTALL)
_SHARED_META = re.compile(r"<meta[^>]*\b(?:og|twitter|article):[^>]*>", re.IGNORECASE)
_SCRIPT = re.compile(r"(<(script|style|textarea)\b.*?</\2\s*>)", re.IGNORECASE | re.DOTALL)
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<p(?=[\s>])[^>]*>|</p\s*>", re.IGNORECASE)
_NOTICE = (
    "We and our 214 partners store and read information on your device, such as cookies and identifiers.",
    "You can accept or refuse this use for each purpose, and change your choice at any time in the footer.",
    "Some partners process your data without asking for your consent, which you can object to.",
)
_OTHERS = (
    "Harbour council delays the vote on the third ferry line",
    "Museum of clocks opens a second floor after ten years",
    "Growers expect a small but early harvest of plums",
    "Two bridges close for repairs until the end of spring",
    "Night trains return to the coast from next summer on",
)
_COMMENTS = (
    ("Otto_77", "I do not agree with a word of it, and I have lived next to that place for thirty years."),
    ("marlene", "Thank you for this report, it was about time that somebody wrote about the matter."),
    ("passer-by", "They promised the same thing four years ago. Nothing has happened since then, nothing."),
)


def _outside_scripts(html: str, change: Mutate) -> str:
    parts = _SCRIPT.split(html)  # text, script, the script's tag, text, …
    return "".join(
        change(part) if place % 3 == 0 else part for place, part in enumerate(parts) if place % 3 != 2
    )


def rename_classes(html: str) -> str:
    """Replace each class name and id by a word that says nothing, the same one for the same name."""

    def renamed(found: re.Match[str]) -> str:
        words = (f"x{zlib.crc32(name.encode()) % 100_000}" for name in found[2][1:-1].split())
        return f'{found[1]}="{" ".join(words)}"'

    return _outside_scripts(html, lambda text: _NAMES.sub(renamed, text))


def drop_json_ld(html: str) -> str:
    """Remove JSON-LD."""
    return _JSON_LD.sub("", html)


def drop_shared_meta(html: str) -> str:
    """Remove what the page gives to other sites: Open Graph and Twitter elements."""
    return _SHARED_META.sub("", html)


def drop_all_metadata(html: str) -> str:
    """Remove JSON-LD, Open Graph and Twitter elements."""
    return drop_shared_meta(drop_json_ld(html))


def _renamed_tags(names: str, to: str) -> Mutate:
    tags = re.compile(rf"<(/?)(?:{names})(?=[\s/>])", re.IGNORECASE)
    return lambda html: _outside_scripts(html, lambda text: tags.sub(rf"<\1{to}", text))


def box_paragraphs(html: str) -> str:
    """Put each paragraph into a box of its own."""
    return _paragraphs(html, lambda tag: f"{tag}</div>" if tag[1] == "/" else f"<div>{tag}")


def break_lines(html: str) -> str:
    """Write each end of a paragraph as two line breaks, without any paragraph."""
    return _paragraphs(html, lambda tag: "<br><br>" if tag[1] == "/" else "")


def leave_open(html: str) -> str:
    """Leave each paragraph open."""
    return _paragraphs(html, lambda tag: "" if tag[1] == "/" else tag)


def _paragraphs(html: str, change: Mutate) -> str:
    return _outside_scripts(html, lambda text: _PARAGRAPH.sub(lambda found: change(found[0]), text))


def wrap_body(html: str) -> str:
    """Put the whole page into three more boxes."""
    return _at_start(html, '<div id="root"><div><div class="app">')


def lead_with_notice(html: str) -> str:
    """Begin the page with a cookie notice whose names say nothing."""
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in _NOTICE)
    return _at_start(html, f'<div class="q1"><h2>Your privacy</h2>{paragraphs}<button>Accept</button></div>')


def follow_with_notice(html: str) -> str:
    """End the page with a cookie notice whose names say nothing."""
    return _at_end(html, '<div class="q1">' + "".join(f"<p>{text}</p>" for text in _NOTICE) + "</div>")


def follow_with_others(html: str) -> str:
    """End the page with links to other articles whose names say nothing."""
    links = "".join(f'<div><a href="/n/{place}">{text}</a></div>' for place, text in enumerate(_OTHERS))
    return _at_end(html, f'<div class="q2"><h3>More from the region</h3>{links}</div>')


def follow_with_comments(html: str) -> str:
    """End the page with readers' comments whose names say nothing."""
    comments = "".join(f"<div><b>{name}</b><p>{text}</p></div>" for name, text in _COMMENTS)
    return _at_end(html, f'<div class="q3"><h3>Comments (3)</h3>{comments}</div>')


def _at_start(html: str, markup: str) -> str:
    body = _BODY.search(html)
    return f"{html[: body.end()]}{markup}{html[body.end() :]}" if body else html


def _at_end(html: str, markup: str) -> str:
    place = html.lower().rfind("</body")
    return f"{html[:place]}{markup}{html[place:]}" if place > 0 else html


MUTATIONS: dict[str, Mutate] = {
    "no JSON-LD": drop_json_ld,
    "no shared metadata": drop_shared_meta,
    "no metadata": drop_all_metadata,
    "no class names": rename_classes,
    "no h1": _renamed_tags("h1", "div"),
    "no semantic tags": _renamed_tags("article|main|section|aside|header|footer|nav", "div"),
    "p as div": _renamed_tags("p", "div"),
    "p in boxes": box_paragraphs,
    "p as br": break_lines,
    "p left open": leave_open,
    "in boxes": wrap_body,
    "notice in front": lead_with_notice,
    "notice behind": follow_with_notice,
    "others behind": follow_with_others,
    "comments behind": follow_with_comments,
}


def read_pages(corpus: Corpus, pages: Sequence[SamplePage], mutation: str | None) -> list[Scored]:
    """Return the scorer's verdict on each page, read as it is or mutated."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        rows = pool.map(_read, [(page, mutation) for page in pages], chunksize=8)
        return [corpus.score.page(page.truth, row) for page, row in zip(pages, rows, strict=True)]


def _read(job: tuple[SamplePage, str | None]) -> dict[str, Any]:
    logging.disable(logging.CRITICAL)
    page, mutation = job
    html = page.html()
    if mutation is not None:
        html = MUTATIONS[mutation](decode_page(html, None)).encode()
    context = PageContext(page.url, page.url, page.url, fetched_at=page.fetched_at or NOW)
    try:
        reading = read_article(html, context, Source("page", ""))
    except ItemError:
        return {}
    if reading.refusal is not None:
        return {}
    return {"title": reading.article.title, "body": reading.article.body}


def _row(corpus: Corpus, scored: Sequence[Scored]) -> str:
    result = corpus.score.summary(list(scored))
    return "".join(
        f"{result.get(name, float('nan')):10.3f}" for name in ("body_f1", "snip_f1", "title_exact")
    )


def _print_worst(
    pages: Sequence[SamplePage], plain: Sequence[Scored], scored: Sequence[Scored], n: int
) -> None:
    losses = sorted(
        ((text_value(new) or 0) - (text_value(old) or 0), page.id)
        for page, old, new in zip(pages, plain, scored, strict=True)
    )
    for loss, name in losses[:n]:
        print(f"    {loss:+.3f} {name}")


def main() -> None:
    """Print the figures of the pages as they are and with each mutation."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mutations", nargs="*", help=f"default all: {', '.join(MUTATIONS)}")
    parser.add_argument("--pages", type=int, default=250, help="pages to read, evenly over both samples")
    parser.add_argument("--worst", type=int, default=0, help="pages to list for each mutation")
    options = parser.parse_args()
    corpus = open_corpus()
    pages = corpus.pages[:: max(1, len(corpus.pages) // options.pages)]
    plain = read_pages(corpus, pages, None)
    print(f"{len(pages)} pages{'':16}      body  snippets     title")
    print(f"{'as they are':24}{_row(corpus, plain)}")
    for name in options.mutations or MUTATIONS:
        scored = read_pages(corpus, pages, name)
        print(f"{name:24}{_row(corpus, scored)}", flush=True)
        _print_worst(pages, plain, scored, options.worst)


if __name__ == "__main__":
    main()
