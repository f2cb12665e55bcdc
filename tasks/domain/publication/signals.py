"""What a page says of its dates, as candidates for `choice`.

Reads JSON-LD, meta elements, microdata, `<time>`, the lines near the headline (`visible`) and the URL.
htmldate is asked last, and only when nothing else answers or the URL contradicts.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.feed_formats import read_feed_date
from tasks.domain.dates.interpret import Frame, read
from tasks.domain.dates.url import find_url_day
from tasks.domain.dates.vocabulary import read_data
from tasks.domain.pages.json_ld import ARTICLE_TYPES, PAGE_TYPES, Node, node_text, node_types
from tasks.domain.pages.metadata import PageReading
from tasks.domain.publication.candidate import DatedCandidate, Trust
from tasks.domain.publication.choice import needs_last_resort
from tasks.domain.publication.cross_check import correct_dates
from tasks.domain.publication.elsewhere import is_in_list, is_in_teaser
from tasks.domain.publication.labels import shows_change
from tasks.domain.publication.last_resort import find_last_resort
from tasks.domain.publication.lines import names_elsewhere
from tasks.domain.publication.visible import find_visible
from tasks.domain.text.normalise import comparison_key
from warehouse.records.article import Moment, Precision

MAX_EVIDENCE_CHARS = 200
_METAS = read_data("metas", package="tasks.domain.publication")
_PUBLISHED_METAS = tuple(_METAS["published"].split())
_WEAK_METAS = tuple(_METAS["weak"].split())
_MODIFIED_METAS = tuple(_METAS["modified"].split())
_PUBLISHED_PROPS = frozenset(
    {"datepublished", "schema:datepublished", "dc:date", "dc:issued", "dcterms:issued"}
)
_WEAK_PROPS = frozenset({"datecreated", "schema:datecreated", "dc:created"})
_MODIFIED_PROPS = frozenset({"datemodified", "schema:datemodified", "dc:modified"})
_PUBLISHED_CLASS = re.compile(
    r"publish|pubdate|pub-date|entry-date|post-date|posted|created|article-?_?date|dt-published|date-?publi",
    re.IGNORECASE,
)
_MODIFIED_CLASS = re.compile(r"modif|update|dt-updated|last-?edit", re.IGNORECASE)
_DATED_ELEMENTS = etree.XPath(
    "descendant::time | descendant::abbr[@title] | descendant::*/@itemprop[contains(., 'ate')]/.. "
    "| descendant::*/@property[contains(., 'ate') or contains(., 'issued')]/.."
)
_NEAR = frozenset({Trust.TIME_NEAR, Trust.VISIBLE_TEXT})
_UNLABELLED = frozenset({Trust.TIME_IN_ARTICLE, Trust.HTMLDATE})
_SKIPPED_TAGS = frozenset({"nav", "footer", "aside", "form", "select"})


def collect_dated(
    page: PageReading,
    context: DateContext,
    *,
    headline: HtmlElement | None = None,
    feed_raw: str | None = None,
) -> list[DatedCandidate]:
    """Return every date of publication and of change that page, feed and URL name.

    `headline` is the element that shows the headline: dates are sought around it. `feed_raw` is the feed's
    date as written. The page's tree is not changed.
    """
    shown = headline.text_content()[:500] if headline is not None else None
    titles = (shown, page.metas.first("og:title"), page.root.findtext(".//title"))
    own_titles = " | ".join(map(comparison_key, titles))
    found = [*_from_json_ld(page, context), *_from_metas(page, context)]
    found += _from_elements(page, context, own_titles)
    found += find_visible(page, Frame(context, "visible_text"), headline, found)
    found += _from_feed(feed_raw, context)
    url_day = find_url_day(page.url, context.now)
    if url_day is not None:
        moment = Moment(None, url_day, None, None, Precision.DAY, "url", None, page.url)
        found.append(DatedCandidate(moment, Trust.URL, page.url[:MAX_EVIDENCE_CHARS]))
    if needs_last_resort(_with_labelled_changes(found)):
        found += find_last_resort(page, Frame(context, "htmldate"), own_titles)
    return correct_dates(_with_labelled_changes(found), page, context)


def _with_labelled_changes(found: list[DatedCandidate]) -> list[DatedCandidate]:
    """Return the candidates; a day that the page prints only behind a label of change is that of a change.

    Applies to a bare `<time>` and to htmldate's day, which come without the label beside them.
    """
    near = [dated for dated in found if dated.trust in _NEAR]
    changes = {dated.moment.on for dated in near if dated.is_modified}
    changes -= {dated.moment.on for dated in near if not dated.is_modified}
    return [
        replace(dated, is_modified=True)
        if dated.trust in _UNLABELLED and dated.moment.on in changes
        else dated
        for dated in found
    ]


def _candidate(
    raw: str | None,
    context: DateContext,
    origin: str,
    trust: Trust,
    evidence: str,
    is_modified: bool = False,
) -> Iterator[DatedCandidate]:
    """Yield the candidate that a raw date makes; nothing when it cannot be read."""
    if not raw:
        return
    reading = read(raw, Frame(context, origin))
    if reading.moment is not None:
        yield DatedCandidate(
            reading.moment, trust, f"{evidence}: {raw}"[:MAX_EVIDENCE_CHARS], is_modified, reading.other
        )


def _from_json_ld(page: PageReading, context: DateContext) -> Iterator[DatedCandidate]:
    nodes = page.linked.nodes
    for node in _main_first(page.linked.of_type(ARTICLE_TYPES), page.url):
        trust = Trust.JSON_LD_ARTICLE
        yield from _of_node(node, context, trust)
    for node in nodes:
        types = node_types(node)
        if not types & ARTICLE_TYPES and types & PAGE_TYPES:
            yield from _of_node(node, context, Trust.JSON_LD_OTHER)


def _main_first(nodes: list[Node], url: str) -> list[Node]:
    """Return the article node that is about this page: the one with its URL, else the first dated one."""
    dated = [node for node in nodes if node.get("datePublished") or node.get("dateCreated")]
    path = url.split("?")[0].split("//")[-1].rstrip("/")
    named = [node for node in dated if path and any(path in address for address in _addresses(node))]
    return (named or dated)[:1]


def _addresses(node: Node) -> Iterator[str]:
    for value in (node.get("url"), node.get("@id"), node.get("mainEntityOfPage")):
        address = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(address, str):
            yield address


def _of_node(node: Node, context: DateContext, trust: Trust) -> Iterator[DatedCandidate]:
    kind = "/".join(sorted(node_types(node))) or "node"
    published = _text(node.get("datePublished")) or _text(node.get("dateCreated"))
    yield from _candidate(published, context, "json_ld", trust, f"{kind} datePublished")
    modified = _text(node.get("dateModified"))
    yield from _candidate(modified, context, "json_ld", trust, f"{kind} dateModified", is_modified=True)


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else node_text(value)


def _from_metas(page: PageReading, context: DateContext) -> Iterator[DatedCandidate]:
    for names, trust, is_modified in (
        (_PUBLISHED_METAS, Trust.META, False),
        (_WEAK_METAS, Trust.META_WEAK, False),
        (_MODIFIED_METAS, Trust.META, True),
    ):
        for name, value in page.metas.all(*names):
            yield from _candidate(value, context, "meta", trust, f"meta {name}", is_modified)


def _from_elements(page: PageReading, context: DateContext, own_titles: str) -> Iterator[DatedCandidate]:
    """Yield microdata and `<time>`, outside comments, side columns and lists of other articles."""
    n_times = 0
    for element in _DATED_ELEMENTS(page.root):
        if element.tag == "meta" and element.get("itemprop") is None:
            continue
        names = set((element.get("itemprop") or element.get("property") or "").lower().split())
        is_time = element.tag in ("time", "abbr")
        if not is_time and not names & (_PUBLISHED_PROPS | _WEAK_PROPS | _MODIFIED_PROPS):
            continue
        if n_times > 12 or _is_elsewhere(element) or (is_time and not names and is_in_list(element)):
            continue
        if is_time and is_in_teaser(element, own_titles):
            continue
        n_times += 1
        yield from _of_element(element, names, context)


def _of_element(element: HtmlElement, names: set[str], context: DateContext) -> Iterator[DatedCandidate]:
    classes = f"{element.get('class') or ''} {element.get('id') or ''}"
    is_modified = bool(names & _MODIFIED_PROPS) or (
        not names & _PUBLISHED_PROPS
        and bool(_MODIFIED_CLASS.search(classes))
        and not _PUBLISHED_CLASS.search(classes)
    )
    if names & _PUBLISHED_PROPS:
        origin, trust = "itemprop", Trust.ITEMPROP
    elif element.get("pubdate") is not None or _PUBLISHED_CLASS.search(classes):
        origin, trust = "time_element", Trust.TIME_PUBLISHED
    elif names & _WEAK_PROPS:
        origin, trust = "itemprop", Trust.META_WEAK
    else:
        origin, trust = "time_element", Trust.TIME_IN_ARTICLE
    label = f"<{element.tag} {' '.join(sorted(names)) or classes.strip()}>"
    shown = " ".join(element.text_content()[:500].split())
    for raw in (
        element.get("datetime"),
        element.get("content"),
        element.get("title"),
        shown,
    ):
        found = list(_candidate(raw, context, origin, trust, label, is_modified))
        frame = Frame(context, origin)
        yield from (
            replace(dated, is_modified=dated.is_modified or shows_change(shown, dated.moment, frame))
            for dated in found
        )
        if found:
            return


def _is_elsewhere(element: HtmlElement) -> bool:
    """Say whether an element stands inside comments, side columns, footers and lists of other articles."""
    for depth, parent in enumerate(element.iterancestors()):
        if parent.tag in _SKIPPED_TAGS:
            return True
        if parent.tag in ("body", "main", "html") or depth > 12:
            return False
        if depth < 8 and names_elsewhere(f"{parent.get('class') or ''} {parent.get('id') or ''}"):
            return True
    return False


def _from_feed(raw: str | None, context: DateContext) -> Iterator[DatedCandidate]:
    moment = read_feed_date(raw, context).moment if raw else None
    if moment is not None:
        yield DatedCandidate(moment, Trust.FEED, f"feed: {moment.raw}"[:MAX_EVIDENCE_CHARS])
