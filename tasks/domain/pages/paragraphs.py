"""A second reading of the page's text, independent of trafilatura: the groups of its paragraphs.

Paragraphs are grouped by their parent element. The group with most text is the article; other groups
belong to it when their parent has the same tag and class and lies in the same `article`. A body that is
split over several containers, or the entries of a live blog, is read completely.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from tasks.domain.pages.lines import inner_text
from tasks.domain.text.normalise import squeeze

_LINE_TAGS = ("p", "h2", "h3", "h4", "h5", "li", "blockquote")
_HEADINGS = frozenset({"h2", "h3", "h4", "h5"})
_GOOD_LENGTH = 40


@dataclass(slots=True)
class _Group:
    parent: HtmlElement
    length: int = 0
    texts: list[str] = field(default_factory=list)

    def known_length(self, known: str) -> int:
        """Return how many characters of this group's text are part of `known`."""
        return sum(len(text) for text in self.texts if text[:60] in known) if known else 0


def gather_paragraphs(root: HtmlElement, known: str = "") -> list[str]:
    """Return the lines of one group of paragraphs and of those that continue it.

    The group is the one that holds most of the `known` text; without any, the largest.
    """
    groups = _group(root)
    if not groups:
        return []
    best = max(groups, key=lambda group: (group.known_length(known), group.length))
    parents = [group.parent for group in groups if group is best or _continues(group, best)]
    others = {group.parent for group in groups}.difference(parents)
    return _lines(_common_ancestor(parents), parents, others)


def paragraphs_length(root: HtmlElement) -> int:
    """Return how many characters the page's real paragraphs hold."""
    return sum(paragraph_length(p) for p in root.iter("p"))


def paragraph_length(element: HtmlElement) -> int:
    """Return the length of a paragraph's text; 0 for a label."""
    length = len(inner_text(element).strip())
    return length if length > _GOOD_LENGTH else 0


def _group(root: HtmlElement) -> list[_Group]:
    groups: dict[HtmlElement, _Group] = {}
    for paragraph in root.iter("p"):
        length = paragraph_length(paragraph)
        parent = paragraph.getparent()
        if not length or parent is None:
            continue
        if parent.tag == "blockquote" and parent.getparent() is not None:
            parent = parent.getparent()
        group = groups.setdefault(parent, _Group(parent))
        group.length += length
        group.texts.append(squeeze(inner_text(paragraph)))
    return list(groups.values())


def _continues(group: _Group, best: _Group) -> bool:
    if _tag_and_class(group.parent) != _tag_and_class(best.parent):
        return False
    return _article_of(group.parent) is _article_of(best.parent)


def _tag_and_class(element: HtmlElement) -> tuple[str, str]:
    classes = sorted(
        name for name in (element.get("class") or "").lower().split() if not name.startswith("-")
    )
    return str(element.tag), classes[0] if classes else ""


def _article_of(element: HtmlElement) -> HtmlElement | None:
    """Return the outermost `article` element around this one."""
    outermost = None
    for ancestor in element.iterancestors("article"):
        outermost = ancestor
    return outermost


def _common_ancestor(elements: Iterable[HtmlElement]) -> HtmlElement:
    paths = [[*reversed(list(element.iterancestors())), element] for element in elements]
    common = paths[0][0]
    for level in zip(*paths, strict=False):
        if any(element is not level[0] for element in level):
            break
        common = level[0]
    return common


def _lines(top: HtmlElement, parents: list[HtmlElement], others: set[HtmlElement]) -> list[str]:
    """Return the text of the blocks of `parents`, and of headings between them, in page order."""
    inside = set(parents)
    lines: list[str] = []
    for block in top.iter(*_LINE_TAGS):
        if block.tag in ("blockquote", "li") and block.find(".//p") is not None:
            continue
        nearest = next((a for a in block.iterancestors() if a in inside or a in others), None)
        is_inside = nearest in inside
        if not is_inside and not (block.tag in _HEADINGS and lines and nearest is None):
            continue
        if text := squeeze(inner_text(block)):
            lines.append(f"- {text}" if block.tag == "li" else text)
    return lines
