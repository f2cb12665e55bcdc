"""OPML 2.0 (opml.org/spec2.opml): the lists of feeds that feed readers import and export.

Pure: the commands `sources import` and `sources export` read and write the files. An `outline` with `xmlUrl`
is a feed; outlines around it are folders, which become tags. Files are decoded, guarded and repaired as feeds
are: exports with a bare `&` in a URL are common, and an entity is never expanded.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from lxml import etree

from tasks.domain.feeds.decode import decode_document
from tasks.domain.feeds.links import absolute_link, is_web_url
from tasks.domain.feeds.markup.guard import PARSER_OPTIONS, first_fault, guard_xml, repair_xml
from tasks.domain.source_list.draft import FoundFeed, SourceDraft, source_name
from tasks.errors import ErrorClass, FeedFormatError
from warehouse.records.source import FeedKind, Source

MAX_TAG = 100  # characters
_FEED_SCHEME = re.compile(r"(?:feed|itpc|pcast):(?://)?(?=https?://)|(?:feed|itpc|pcast)(?=://)", re.I)
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.I)


@dataclass(frozen=True, slots=True)
class OutlinedFeed:
    """A feed of an OPML file."""

    url: str
    title: str
    homepage: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()  # its folders from the outside in, then its categories
    enabled: bool = True  # False for an outline that is commented out


@dataclass(frozen=True, slots=True)
class Outlines:
    """What an OPML file lists: each feed once, and sentences about what is not a feed."""

    feeds: tuple[OutlinedFeed, ...]
    problems: tuple[str, ...] = ()


def parse_opml(body: bytes, name: str) -> Outlines:
    """Return the feeds of an OPML file in its order; one in several folders has the tags of all.

    Raises FeedFormatError when the document is not OPML; messages call it `name`.
    """
    root = _root(decode_document(body, name, None, None), name)
    if root is None or _local(root) != "opml":
        reason = f"'{name}' is not an OPML file: it has no <opml> element."
        raise FeedFormatError(name, ErrorClass.NOT_A_FEED, reason)
    feeds: dict[str, OutlinedFeed] = {}
    problems: list[str] = []
    for item in _read_outlines(root, (), enabled=True):
        if isinstance(item, str):
            problems.append(item)
        else:
            feeds[item.url] = _merged(feeds.get(item.url), item)
    return Outlines(tuple(feeds.values()), tuple(problems))


def drafts_of(feeds: Iterable[OutlinedFeed], taken: Collection[str]) -> list[SourceDraft]:
    """Return one source for each feed, with names that are not in `taken`."""
    names, drafts = set(taken), []
    for feed in feeds:
        name = source_name(feed.homepage or feed.url, names)
        names.add(name)
        drafts.append(
            SourceDraft(
                name=name,
                title=feed.title,
                homepage=feed.homepage,
                language=feed.language,
                feeds=(FoundFeed(feed.url, FeedKind.AUTO),),
                tags=feed.tags,
                enabled=feed.enabled,
            )
        )
    return drafts


def opml_text(sources: Iterable[Source]) -> str:
    """Return the feeds of a source list as an OPML file; each tag is a folder.

    Listings are left out: OPML has no place for their selectors. A disabled source is an outline that is
    commented out (`isComment`).
    """
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "wirehouse sources"
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    for source in sources:
        feeds = [feed.url for feed in source.feeds if feed.kind is not FeedKind.LISTING]
        for tag in source.tags if feeds else ():
            if tag not in folders:
                folders[tag] = etree.SubElement(body, "outline", text=_clean(tag), title=_clean(tag))
        for parent in [folders[tag] for tag in source.tags if feeds] or [body]:
            for url in feeds:
                etree.SubElement(parent, "outline", _attributes(source, url))
    text = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return str(text, "utf-8")


def _attributes(source: Source, feed_url: str) -> dict[str, str]:
    title = _clean(source.title)
    attributes = {"type": "rss", "text": title, "title": title, "xmlUrl": _clean(feed_url)}
    if source.homepage:
        attributes["htmlUrl"] = _clean(source.homepage)
    if source.language:
        attributes["language"] = source.language
    if not source.enabled:
        attributes["isComment"] = "true"
    return attributes


def _root(text: str, name: str) -> "etree._Element | None":
    guarded = guard_xml(text, name)
    parser = etree.XMLParser(**PARSER_OPTIONS)
    root = etree.fromstring(guarded.text.encode(), parser) if guarded.text.strip() else None
    if root is not None and first_fault(parser.error_log) is None:
        return root
    repaired = repair_xml(guarded, name).text.encode()
    return etree.fromstring(repaired, etree.XMLParser(**PARSER_OPTIONS)) if repaired.strip() else None


def _read_outlines(
    parent: "etree._Element", folders: tuple[str, ...], *, enabled: bool
) -> Iterator[OutlinedFeed | str]:
    """Yield the feeds below an element, and a sentence for each outline that should be one and is not."""
    for element in parent:
        values = {str(key).rpartition("}")[2].lower(): str(value) for key, value in element.attrib.items()}
        is_on = enabled and values.get("iscomment", "").strip().lower() != "true"
        inner = folders
        if _local(element) == "outline":
            address = _feed_address(values)
            if address:
                yield _feed(address, values, folders, enabled=is_on)
            elif values.get("type", "").strip().lower() == "include":
                yield f"'{values.get('url', '')[:200]}' is another OPML file; import it as well."
            else:
                inner = _with_tags(folders, [_title(values)])
        yield from _read_outlines(element, inner, enabled=is_on)


def _feed_address(values: dict[str, str]) -> str:
    address = values.get("xmlurl", "").strip()
    is_feed = values.get("type", "").strip().lower() in ("rss", "atom", "feed")
    return address or (values.get("url", "").strip() if is_feed else "")


def _feed(
    address: str, values: dict[str, str], folders: tuple[str, ...], *, enabled: bool
) -> OutlinedFeed | str:
    url = _web_url(address)
    if url is None:
        return f"'{address[:200]}' ({_title(values) or 'without a title'}) is not a valid http(s) URL."
    categories = re.split(r"[,/]", values.get("category", ""))
    language = _LANGUAGE.fullmatch(values.get("language", "").strip())
    return OutlinedFeed(
        url=url,
        title=_title(values) or urlsplit(url).hostname or url,
        homepage=_web_url(values.get("htmlurl", "")),
        language=language[1].lower() if language else None,
        tags=_with_tags(folders, categories),
        enabled=enabled,
    )


def _web_url(address: str) -> str | None:
    """Return an address as an http(s) URL, also one with a scheme of feed readers (`feed://`)."""
    scheme = _FEED_SCHEME.match(address.strip())
    if scheme:
        rest = address.strip()[scheme.end() :]
        address = rest if rest.lower().startswith("http") else f"http{rest}"
    url = absolute_link(address, None, "https:")
    if url is None or not is_web_url(url) or not url.isprintable():
        return None
    parts = urlsplit(url)
    return url if parts.username is None and parts.password is None else None


def _merged(known: OutlinedFeed | None, feed: OutlinedFeed) -> OutlinedFeed:
    if known is None:
        return feed
    return replace(known, tags=_with_tags(known.tags, feed.tags), enabled=known.enabled or feed.enabled)


def _with_tags(tags: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    cleaned = (_clean(tag)[:MAX_TAG].strip() for tag in more)
    return tuple(dict.fromkeys((*tags, *(tag for tag in cleaned if tag))))


def _title(values: dict[str, str]) -> str:
    return _clean(values.get("text", "")) or _clean(values.get("title", ""))


def _clean(text: str) -> str:
    """Return text on one line, without characters that TOML or XML forbid."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())


def _local(element: "etree._Element") -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
