"""Layout tables turned into plain blocks; data tables stay.

A table is layout when it holds another table, an h1 or a cell with running text, or when none of its
rows has a second cell. Definition lists with running text are unfolded in the same way.
"""

from lxml.html import HtmlElement

from tasks.domain.bodies.line_kinds import ends_sentence, has_weight

_PARTS = ("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption")
_LONG_CELL = 260  # characters: longer than a value of a data table
_LONG_ITEM = 120
_PARAGRAPH = 60


def unfold_layout_tables(root: HtmlElement) -> None:
    """Rename the parts of layout tables to `div`, in place."""
    elements = list(root.iter("table", "dl"))
    tables, listings = ([e for e in elements if e.tag == tag] for tag in ("table", "dl"))
    for table in tables:
        if _is_layout(table):
            for part in (table, *_parts_of(table)):
                part.tag = "div"
    for listing in listings:
        if any(len("".join(item.itertext())) > _LONG_ITEM for item in listing.iter("dd")):
            for item in listing.iter("dt", "dd"):
                item.tag = "p" if item.find(".//p") is None else "div"
            listing.tag = "div"


def _parts_of(table: HtmlElement) -> list[HtmlElement]:
    """Return the rows and cells of this table, not of those inside its cells."""
    parts: list[HtmlElement] = []
    waiting = list(table)
    while waiting:
        element = waiting.pop()
        if element.tag in _PARTS and element.tag != "table":
            parts.append(element)
            waiting.extend(element)
    return parts


def _is_layout(table: HtmlElement) -> bool:
    if table.get("role") in ("presentation", "none"):
        return True
    if any(table.find(f".//{tag}") is not None for tag in ("table", "h1", "article")):
        return True
    rows = [part for part in _parts_of(table) if part.tag == "tr"]
    cells = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
    if cells and all(len(row) <= 1 for row in cells):
        return True
    return any(_holds_text(cell) for row in cells for cell in row)


def _holds_text(cell: HtmlElement) -> bool:
    """Say whether a cell holds running text: it is long, or holds two paragraphs."""
    if has_weight("".join(cell.itertext()).strip(), _LONG_CELL):
        return True
    paragraphs = ("".join(paragraph.itertext()).strip() for paragraph in cell.iterchildren("p"))
    return sum(has_weight(text, _PARAGRAPH) and ends_sentence(text) for text in paragraphs) > 1
