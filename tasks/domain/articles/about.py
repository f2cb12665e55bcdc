"""What a page says about its article besides the main fields: section, tags, main image, description."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from tasks.domain.pages.json_ld import LinkedData, Node, node_text
from tasks.domain.pages.metadata import PageReading
from tasks.domain.text.normalise import comparison_key, squeeze

_SECTION_NAMES = (
    "article:section",
    "parsely-section",
    "cxenseparse:section",
    "section",
    "og:article:section",
)
_TAG_NAMES = ("article:tag", "news_keywords", "keywords", "parsely-tags", "og:article:tag", "sailthru.tags")
_IMAGE_NAMES = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
_DESCRIPTION_NAMES = (
    "og:description",
    "description",
    "twitter:description",
    "dc.description",
    "dcterms.description",
)
_MAX_SECTION, _MAX_TAG = 80, 100  # characters
_MAX_TAGS = 50


@dataclass(frozen=True, slots=True)
class About:
    """Section, tags, main image and summary of an article, as the page declares them."""

    section: str | None
    tags: tuple[str, ...]
    image_url: str | None
    description: str | None


def read_about(reading: PageReading, articles: Sequence[Node]) -> About:
    """Return what the page's JSON-LD says, else its meta elements."""
    node: Node = articles[0] if articles else {}
    return About(
        section=_section(reading, node),
        tags=tuple(_unique(_tags(reading, node)))[:_MAX_TAGS],
        image_url=_image(reading, node),
        description=_description(reading, node),
    )


def _section(reading: PageReading, node: Node) -> str | None:
    value = node.get("articleSection")
    names = [node_text(item) for item in (value if isinstance(value, list) else [value])]
    names.append(reading.metas.first(*_SECTION_NAMES))
    squeezed = (squeeze(name) for name in names if name)
    return next((name for name in squeezed if 1 < len(name) <= _MAX_SECTION and "://" not in name), None)


def _tags(reading: PageReading, node: Node) -> Iterator[str]:
    """Yield the keywords of the surest place that has any: JSON-LD, then each meta name."""
    linked = list(_split(node.get("keywords")))
    if linked:
        yield from linked
        return
    for name in _TAG_NAMES:
        values = reading.metas.values.get(name, ())
        if values:
            yield from _split(list(values))
            return


def _split(value: Any) -> Iterator[str]:
    """Yield the words of a list or of a text that commas or semicolons divide."""
    for item in value if isinstance(value, list) else [value]:
        text = node_text(item)
        for word in (text or "").replace(";", ",").split(","):
            if 0 < len(tag := squeeze(word).strip("#")) <= _MAX_TAG:
                yield tag


def _unique(words: Iterator[str]) -> Iterator[str]:
    seen: set[str] = set()
    for word in words:
        if (key := comparison_key(word)) and key not in seen:
            seen.add(key)
            yield word


def _image(reading: PageReading, node: Node) -> str | None:
    addresses = [value for _, value in reading.metas.all(*_IMAGE_NAMES)]
    addresses += _image_addresses(reading.linked, node.get("image"))
    return next((url for address in addresses if (url := _absolute(reading.url, address))), None)


def _image_addresses(linked: LinkedData, value: Any) -> list[str]:
    """Return the addresses of a JSON-LD image: text, node or list."""
    items = value if isinstance(value, list) else [value]
    addresses = []
    for item in items[:5]:
        node = linked.follow(item)
        address = node.get("url") or node.get("contentUrl") if isinstance(node, dict) else node
        if isinstance(address, str):
            addresses.append(address)
    return addresses


def _absolute(base: str, address: str) -> str | None:
    try:
        url = urljoin(base, address.strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def _description(reading: PageReading, node: Node) -> str | None:
    texts = [node_text(node.get("description")), reading.metas.first(*_DESCRIPTION_NAMES)]
    return next((squeezed for text in texts if (squeezed := squeeze(text))), None)
