"""A source's rules, tried on saved pages with the expected result beside them.

Pages lie in `checks/SOURCE/NAME.html` (or .html.gz) beside the source list, what is expected of
each in `NAME.json`. Nothing is fetched and nothing is stored.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tasks.domain.articles.article import PageContext, parse_article
from tasks.domain.urls.key import url_key
from tasks.errors import ExtractionError, ItemError, SourcesError
from warehouse.records import Article, Source

# What may be expected of a page; all but `url` are optional.
KEYS = {
    "url": "the page's address",
    "fetched_at": "when it was saved, ISO 8601 with an offset",
    "title": "the headline",
    "published": "ISO 8601 with an offset, or a bare day",
    "published_local": "the local time as printed, ISO 8601 without offset",
    "source_credit": "who the text is credited to",
    "authors": "list of names",
    "first": "what the first paragraph begins with",
    "last": "what the last paragraph ends with",
    "lacks": "list of texts that must not be in the body",
    "error_class": "the class of the reject, for a page that is no article",
}


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """A saved page and where it differs from what is expected."""

    source: str
    page: str
    differences: tuple[str, ...]  # sentences


def check_source(folder: Path, source: Source) -> Iterator[CheckedPage]:
    """Try a source's rules on its saved pages; yield each with its differences.

    Raises SourcesError when an expectation is missing or cannot be read.
    """
    for path in sorted(folder.glob("*.html")) + sorted(folder.glob("*.html.gz")):
        expected = _read_expected(path.with_name(path.name.partition(".html")[0] + ".json"))
        html = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        yield CheckedPage(source.name, path.name, tuple(_differences(html, expected, source)))


def _read_expected(path: Path) -> dict[str, Any]:
    try:
        expected = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SourcesError(f"{path}: is missing; write there what the page beside it must give.") from error
    except (OSError, ValueError) as error:
        raise SourcesError(f"{path}: is no readable JSON: {error}.") from error
    if not isinstance(expected, dict) or "url" not in expected or not set(expected) <= set(KEYS):
        raise SourcesError(f"{path}: needs 'url' and may have: {', '.join(KEYS)}.")
    return expected


def _differences(html: bytes, expected: Mapping[str, Any], source: Source) -> Iterator[str]:
    fetched_at = datetime.fromisoformat(expected["fetched_at"]) if "fetched_at" in expected else None
    try:
        page = PageContext(expected["url"], expected["url"], url_key(expected["url"]), fetched_at=fetched_at)
        article = parse_article(html, page, source)
    except (ExtractionError, ItemError) as error:
        if error.error_class.value != expected.get("error_class"):
            yield f"no article ({error.error_class.value}): {error.reason}"
        return
    if "error_class" in expected:
        yield f"an article was found, expected a reject of class {expected['error_class']}"
    found = _found(article)
    for key in found.keys() & expected.keys():
        if found[key] != expected[key]:
            yield f"{key}: expected {expected[key]!r}, found {found[key]!r}"
    if not article.body.startswith(expected.get("first", "")):
        yield f"the body begins with {article.body[:60]!r}, expected {expected['first']!r}"
    if not article.body.endswith(expected.get("last", "")):
        yield f"the body ends with {article.body[-60:]!r}, expected {expected['last']!r}"
    yield from (f"the body holds {text!r}" for text in expected.get("lacks", ()) if text in article.body)


def _found(article: Article) -> dict[str, Any]:
    moment = article.published
    published = None
    if moment is not None:
        published = moment.at.isoformat() if moment.at else moment.on.isoformat()
    return {
        "title": article.title,
        "published": published,
        "published_local": moment.local.isoformat(timespec="minutes") if moment and moment.local else None,
        "source_credit": article.source_credit,
        "authors": list(article.authors),
    }
