"""Names, namespaces and text of feed elements. Used by the tree reader (`tree`)."""

import base64
import binascii
from collections.abc import Iterator
from enum import Enum, auto
from functools import lru_cache

from lxml import etree


class Vocabulary(Enum):
    """The vocabularies that feeds are written in; CORE is RSS, RDF, Atom, CDF and no namespace."""

    CORE = auto()
    DC = auto()
    DCTERMS = auto()
    CONTENT = auto()
    MEDIA = auto()
    ITUNES = auto()
    PRISM = auto()
    SYNDICATION = auto()
    OTHER = auto()


# Parts of namespace names, longest first where one holds another; the versions differ from feed to feed.
_BY_NAMESPACE = (
    ("purl.org/rss/1.0/modules/content", Vocabulary.CONTENT),
    ("purl.org/rss/1.0/modules/syndication", Vocabulary.SYNDICATION),
    ("purl.org/rss/1.0/modules", Vocabulary.OTHER),
    ("purl.org/dc/terms", Vocabulary.DCTERMS),
    ("purl.org/dc/", Vocabulary.DC),
    ("search.yahoo.com/mrss", Vocabulary.MEDIA),
    ("itunes.com/dtds", Vocabulary.ITUNES),
    ("prismstandard.org", Vocabulary.PRISM),
    ("purl.org/rss/1.0", Vocabulary.CORE),
    ("purl.org/net/rss1.1", Vocabulary.CORE),
    ("netscape.com/rdf/simple", Vocabulary.CORE),
    ("netscape.com/publish/formats/rss", Vocabulary.CORE),
    ("userland.com/rss", Vocabulary.CORE),
    ("blogs.law.harvard.edu/tech/rss", Vocabulary.CORE),
    ("cyber.law.harvard.edu/rss", Vocabulary.CORE),
    ("w3.org/2005/atom", Vocabulary.CORE),
    ("purl.org/atom/ns", Vocabulary.CORE),
    ("purl.org/atom/app", Vocabulary.OTHER),
)
_BY_PREFIX = {
    "dc": Vocabulary.DC,
    "dcterms": Vocabulary.DCTERMS,
    "content": Vocabulary.CONTENT,
    "media": Vocabulary.MEDIA,
    "itunes": Vocabulary.ITUNES,
    "prism": Vocabulary.PRISM,
    "sy": Vocabulary.SYNDICATION,
    "atom": Vocabulary.CORE,
    "rss": Vocabulary.CORE,
}


_HIDDEN = frozenset({"script", "style", "applet"})


def local_name(element: "etree._Element") -> str:
    """Return an element's name without namespace or prefix, in lower case; "" for a comment."""
    tag = element.tag
    return _split(tag)[1] if isinstance(tag, str) else ""


def vocabulary(element: "etree._Element") -> Vocabulary:
    """Return the vocabulary that an element belongs to."""
    tag = element.tag
    if not isinstance(tag, str):
        return Vocabulary.OTHER
    namespace = _split(tag)[0]
    if namespace and element.prefix is None and _vocabulary_of(namespace) is Vocabulary.OTHER:
        # An unknown default namespace still holds the document's own elements.
        return Vocabulary.CORE if element.getroottree().getroot().prefix is None else Vocabulary.OTHER
    return _vocabulary_of(namespace)


def attribute(element: "etree._Element", name: str) -> str | None:
    """Return an attribute by its local name in lower case (`isPermaLink`, `rdf:about`, `xml:lang`)."""
    for key, value in element.attrib.items():
        if _split(str(key))[1] == name:
            return str(value)
    return None


def content(element: "etree._Element") -> str:
    """Return an element's text, its child elements' included, decoded where Atom says base64."""
    text = inner_text(element)
    return _from_base64(text) if text and is_base64(element) else text


def is_base64(element: "etree._Element") -> bool:
    """Say whether an element's text is base64: Atom 0.3 by mode, RFC 4287 section 4.1.3.3 by media type."""
    mode = attribute(element, "mode")
    if mode is not None:
        return mode.lower() == "base64"
    kind = (attribute(element, "type") or "").lower()
    return "/" in kind and not kind.startswith("text/") and not kind.endswith(("xml", "html"))


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8").strip()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return text


def inner_text(element: "etree._Element") -> str:
    """Return all text inside an element, without white space at its ends."""
    if not len(element):
        return (element.text or "").strip()
    return "".join(_texts(element)).strip()


def _texts(element: "etree._Element") -> Iterator[str]:
    """Yield the texts inside an element but for those of scripts and style sheets."""
    hidden: etree._Element | None = None
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if event == "start" and hidden is None:
            if local_name(inner) in _HIDDEN:
                hidden = inner
            else:
                yield inner.text or ""
        elif event == "end":
            hidden = None if inner is hidden else hidden
            if hidden is None and inner is not element:
                yield inner.tail or ""


def link_relation(link: "etree._Element") -> str:
    """Return the relation of an Atom link in lower case: a name, also where it is written as IANA's URL."""
    rel = (attribute(link, "rel") or "alternate").strip().lower()
    return rel.removeprefix("http://www.iana.org/assignments/relation/")


def author_name(author: "etree._Element") -> str:
    """Return the name of an author element: its Atom name, else the name beside an e-mail address."""
    names = [inner_text(child) for child in author if local_name(child) == "name"]
    return names[0] if names else _name_beside_address(inner_text(author))


def _name_beside_address(text: str) -> str:
    """Return the name of an RSS author: "desk@news.example (Ann Lee)" and "Ann Lee <desk@…>"."""
    if "@" not in text:
        return text
    before, bracket, after = text.partition("(")
    if bracket and "@" in before:
        return after.rstrip(") ").strip()
    return " ".join(word for word in text.split() if "@" not in word).strip(" <>(),")


@lru_cache(maxsize=4096)
def _split(tag: str) -> tuple[str, str]:
    """Return namespace (or the prefix of one that was never declared, with a colon) and local name."""
    if tag.startswith("{"):
        namespace, _, name = tag[1:].partition("}")
        return namespace.lower(), name.lower()
    prefix, colon, name = tag.rpartition(":")
    return (prefix.lower() + ":" if colon else ""), name.lower()


@lru_cache(maxsize=4096)
def _vocabulary_of(namespace: str) -> Vocabulary:
    if not namespace:
        return Vocabulary.CORE
    if namespace.endswith(":") and "/" not in namespace:
        return _BY_PREFIX.get(namespace[:-1], Vocabulary.OTHER)
    return next((known for part, known in _BY_NAMESPACE if part in namespace), Vocabulary.OTHER)
