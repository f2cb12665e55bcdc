"""What a page says of its dates, as candidates for `date_choice`.

Reads JSON-LD, meta elements, microdata, `<time>`, the lines near the headline (`date_lines`) and the
address. htmldate is asked last, and only when nothing else answers or the address contradicts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from tasks.domain.dates.feed_formats import read_feed_date
from tasks.domain.dates.interpret import Frame, find, read
from tasks.domain.dates.url import find_url_day
from tasks.domain.dates.words import words
from tasks.domain.pages.json_ld import ARTICLE_TYPES, PAGE_TYPES, Node, node_text, node_types
from tasks.domain.pages.metadata import PageReading
from tasks.domain.publication.choice import DatedCandidate, Trust, needs_last_resort
from tasks.domain.publication.lines import ELSEWHERE
from tasks.domain.publication.visible import find_visible
from warehouse.records import Moment, Precision

MAX_EVIDENCE_CHARS = 200
_PUBLISHED_METAS = words("""
    article:published_time article:published og:article:published_time og:published_time og:pubdate
    article.published article:published_date article_published_time shareaholic:article_published_time
    datepublished date_published published pubdate pub_date publishdate publish-date publish_date
    publication_date publication-date publicationdate published_date published-date publish_time publishtime
    publish-time published_at published-at published_time sailthru.date parsely-pub-date
    originalpublicationdate article_date_original dc.date.issued dcterms.issued dc.date.published
    cxenseparse:recs:publishtime cxenseparse:publishtime bt:pubdate rnews:datepublished rbpubdate ptime
    displaydate vr:published_time mediator_published_time citation_publication_date citation_online_date
    weibo:article:create_at gsa-article_date news_date pubtime article:pubdate article:create_at
    firstpublished original-publish-date prism.publicationdate
""")
_WEAK_METAS = words("""
    date dc.date dcterms.date dc.date.created dcterms.created dc.created dc:date created datecreated
    date_created creation_date article:created article:created_time timestamp doc_date citation_date
    release_date og:release_date article.created content_create_date eprints.date
""")
_MODIFIED_METAS = words("""
    article:modified_time article:modified og:updated_time og:modified_time article:updated_time datemodified
    date_modified dateupdated last-modified lastmodified last_modified lastmod modified updated updated_time
    dcterms.modified dc.date.modified dc.modified revised article:modified_date date.modified
    cxenseparse:recs:modifiedtime modified_time modificationdate
""")
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
    "//time | //abbr[@title] | //@itemprop[contains(., 'ate')]/.. | //@property[contains(., 'ate')]/.. "
    "| //@property[contains(., 'issued')]/.."
)
_SKIPPED_TAGS = frozenset({"nav", "footer", "aside", "form", "select"})


@dataclass(frozen=True, slots=True)
class DateSettings:
    """What the readers of a page's dates need to know beside the page."""

    now: datetime  # when the page was fetched, aware
    zone: str | None = None  # the source's, IANA
    date_order: str | None = None  # the source's
    language: str | None = None  # the page's BCP 47 tag
    is_fetch_time: bool = True  # False when `now` is only an upper bound: "2 hours ago" is not read then

    def frame(self, origin: str) -> Frame:
        """The frame in which a date of this origin is read."""
        return Frame(
            self.zone, self.date_order, self.language, self.now, origin, counts_from_now=self.is_fetch_time
        )


def collect_dated(
    page: PageReading,
    settings: DateSettings,
    *,
    headline: str | None = None,
    feed_raw: str | None = None,
    feed_moment: Moment | None = None,
) -> list[DatedCandidate]:
    """Every date of publication and of change that page, feed and address name.

    `headline` is the title that was chosen for the page, which helps to find its element. `feed_raw` is
    the feed's date as it was found; `feed_moment` the one that was read from it, when the caller has it.
    The page's tree is not changed.
    """
    found = [*_from_json_ld(page, settings), *_from_metas(page, settings), *_from_elements(page, settings)]
    found += find_visible(page, settings.frame("visible_text"), headline)
    found += _from_feed(feed_raw, feed_moment, settings)
    url_day = find_url_day(page.url, settings.now)
    if url_day is not None:
        moment = Moment(None, url_day, None, None, Precision.DAY, "url", None, page.url)
        found.append(DatedCandidate(moment, Trust.URL, page.url[:MAX_EVIDENCE_CHARS]))
    if needs_last_resort(found):
        found += _from_htmldate(page, settings)
    return found


def read_selected(raw: str, settings: DateSettings, selector: str) -> DatedCandidate | None:
    """The date in the text that a source's own selector gives; the first one when it says more."""
    frame = settings.frame("selector")
    readings = [read(raw, frame), *(reading for reading, _, _ in find(raw, frame))]
    found = next((reading for reading in readings if reading.moment is not None), None)
    if found is None or found.moment is None:
        return None
    evidence = f"{selector}: {raw}"[:MAX_EVIDENCE_CHARS]
    return DatedCandidate(found.moment, Trust.SOURCE_RULE, evidence, other=found.other)


def _candidate(
    raw: str | None,
    settings: DateSettings,
    origin: str,
    trust: Trust,
    evidence: str,
    is_modified: bool = False,
) -> Iterator[DatedCandidate]:
    """The candidate that a raw date makes; nothing when it cannot be read."""
    if not raw:
        return
    reading = read(raw, settings.frame(origin))
    if reading.moment is not None:
        yield DatedCandidate(
            reading.moment, trust, f"{evidence}: {raw}"[:MAX_EVIDENCE_CHARS], is_modified, reading.other
        )


def _from_json_ld(page: PageReading, settings: DateSettings) -> Iterator[DatedCandidate]:
    nodes = page.linked.nodes
    for node in _main_first(page.linked.of_type(ARTICLE_TYPES), page.url):
        trust = Trust.JSON_LD_ARTICLE
        yield from _of_node(node, settings, trust)
    for node in nodes:
        types = node_types(node)
        if not types & ARTICLE_TYPES and types & PAGE_TYPES:
            yield from _of_node(node, settings, Trust.JSON_LD_OTHER)


def _main_first(nodes: list[Node], url: str) -> list[Node]:
    """The article node that is about this page: the one with its address, else the first dated one."""
    dated = [node for node in nodes if node.get("datePublished") or node.get("dateCreated")]
    path = url.split("?")[0].split("//")[-1].rstrip("/")
    named = [node for node in dated if path and any(path in address for address in _addresses(node))]
    return (named or dated)[:1]


def _addresses(node: Node) -> Iterator[str]:
    for value in (node.get("url"), node.get("@id"), node.get("mainEntityOfPage")):
        address = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(address, str):
            yield address


def _of_node(node: Node, settings: DateSettings, trust: Trust) -> Iterator[DatedCandidate]:
    kind = "/".join(sorted(node_types(node))) or "node"
    published = _text(node.get("datePublished")) or _text(node.get("dateCreated"))
    yield from _candidate(published, settings, "json_ld", trust, f"{kind} datePublished")
    modified = _text(node.get("dateModified"))
    yield from _candidate(modified, settings, "json_ld", trust, f"{kind} dateModified", is_modified=True)


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else node_text(value)


def _from_metas(page: PageReading, settings: DateSettings) -> Iterator[DatedCandidate]:
    for names, trust, is_modified in (
        (_PUBLISHED_METAS, Trust.META, False),
        (_WEAK_METAS, Trust.META_WEAK, False),
        (_MODIFIED_METAS, Trust.META, True),
    ):
        for name, value in page.metas.all(*names):
            yield from _candidate(value, settings, "meta", trust, f"meta {name}", is_modified)


def _from_elements(page: PageReading, settings: DateSettings) -> Iterator[DatedCandidate]:
    """Microdata and `<time>`, outside comments, side columns and lists of other articles."""
    n_times = 0
    for element in _DATED_ELEMENTS(page.root):
        if element.tag == "meta" and element.get("itemprop") is None:
            continue
        names = set((element.get("itemprop") or element.get("property") or "").lower().split())
        is_time = element.tag in ("time", "abbr")
        if not is_time and not names & (_PUBLISHED_PROPS | _WEAK_PROPS | _MODIFIED_PROPS):
            continue
        if n_times > 12 or _is_elsewhere(element):
            continue
        n_times += 1
        yield from _of_element(element, names, settings)


def _of_element(element: HtmlElement, names: set[str], settings: DateSettings) -> Iterator[DatedCandidate]:
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
    label = f"<{element.tag} {' '.join(names) or classes.strip()}>"
    for raw in (
        element.get("datetime"),
        element.get("content"),
        element.get("title"),
        " ".join(element.text_content().split()),
    ):
        found = list(_candidate(raw, settings, origin, trust, label, is_modified))
        yield from found
        if found:
            return


def _is_elsewhere(element: HtmlElement) -> bool:
    """True inside comments, side columns, footers and lists of other articles."""
    for depth, parent in enumerate(element.iterancestors()):
        if parent.tag in _SKIPPED_TAGS:
            return True
        if parent.tag in ("body", "main", "html") or depth > 12:
            return False
        if depth < 8 and ELSEWHERE.search(f"{parent.get('class') or ''} {parent.get('id') or ''}"):
            return True
    return False


def _from_feed(raw: str | None, moment: Moment | None, settings: DateSettings) -> Iterator[DatedCandidate]:
    if moment is None and raw:
        moment = read_feed_date(
            raw, zone=settings.zone, date_order=settings.date_order, now=settings.now
        ).moment
    if moment is not None:
        yield DatedCandidate(moment, Trust.FEED, f"feed: {moment.raw}"[:MAX_EVIDENCE_CHARS])


def _from_htmldate(page: PageReading, settings: DateSettings) -> Iterator[DatedCandidate]:
    from htmldate import find_date  # loads dateparser's tables: not for pages that need no last resort

    try:
        day = find_date(page.root, url=page.url, original_date=True, max_date=settings.now.date().isoformat())
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return  # a guess that fails is no date
    yield from _candidate(day, settings, "htmldate", Trust.HTMLDATE, "htmldate")
