"""A source's rules, tested on saved pages against expected results.

Pages are `checks/SOURCE/NAME.html` (or .html.gz) beside the source list; `NAME.json` has the expected
result. Nothing is fetched and nothing is stored.
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
from warehouse.records.article import Article
from warehouse.records.source import Source

# The keys of an expected result; all but `url` are optional.
KEYS = {
    "url": "the page's URL",
    "fetched_at": "when it was saved, ISO 8601 with an offset",
    "title": "the headline",
    "published": "ISO 8601 with an offset, or a bare day",
    "published_local": "the local time as printed, ISO 8601 without offset",
    "source_credit": "who the text is credited to",
    "authors": "list of names",
    "first": "the start of the first paragraph",
    "last": "the end of the last paragraph",
    "lacks": "texts that must not be in the body",
    "error_class": "the error class, for a page that is not an article",
}


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """A saved page and its differences from the expected result."""

    source: str
    page: str
    differences: tuple[str, ...]  # sentences


def check_source(folder: Path, source: Source) -> Iterator[CheckedPage]:
    """Extract a source's saved pages by its rules; yield each with its differences.

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
        raise SourcesError(
            f"'{path}': no such file. Write the expected result of the page beside it."
        ) from error
    except (OSError, ValueError) as error:
        raise SourcesError(f"'{path}' is not valid JSON: {error}.") from error
    if not isinstance(expected, dict) or "url" not in expected or not set(expected) <= set(KEYS):
        raise SourcesError(f"'{path}': 'url' is required; the known keys are {', '.join(KEYS)}.")
    return expected


def _differences(html: bytes, expected: Mapping[str, Any], source: Source) -> Iterator[str]:
    fetched_at = datetime.fromisoformat(expected["fetched_at"]) if "fetched_at" in expected else None
    try:
        page = PageContext(expected["url"], expected["url"], url_key(expected["url"]), fetched_at=fetched_at)
        article = parse_article(html, page, source)
    except (ExtractionError, ItemError) as error:
        if error.error_class.value != expected.get("error_class"):
            yield f"not an article ({error.error_class.value}): {error.reason}"
        return
    if "error_class" in expected:
        yield f"expected a reject of class {expected['error_class']}, found an article"
    values = _values(article)
    for key in values.keys() & expected.keys():
        if values[key] != expected[key]:
            yield f"{key}: expected {expected[key]!r}, found {values[key]!r}"
    if not article.body.startswith(expected.get("first", "")):
        yield f"the body begins with {article.body[:60]!r}, expected {expected['first']!r}"
    if not article.body.endswith(expected.get("last", "")):
        yield f"the body ends with {article.body[-60:]!r}, expected {expected['last']!r}"
    yield from (f"the body contains {text!r}" for text in expected.get("lacks", ()) if text in article.body)


def _values(article: Article) -> dict[str, Any]:
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
