"""Tables that lay out a page, turned into plain blocks; tables of data stay.

A table is layout when it holds another, a heading, or a cell with a text of its own, or when none of its
rows has a second cell. Definition lists that carry running text are treated alike.
"""

from lxml.html import HtmlElement

_PARTS = ("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption")
_LONG_CELL = 260  # characters: more is no value of a data table
_LONG_ITEM = 120


def unfold_layout_tables(root: HtmlElement) -> None:
    """Rename the parts of layout tables to `div`, in place."""
    for table in list(root.iter("table")):
        if _is_layout(table):
            for part in (table, *_parts_of(table)):
                part.tag = "div"
    for listing in list(root.iter("dl")):
        if any(len("".join(item.itertext())) > _LONG_ITEM for item in listing.iter("dd")):
            for item in listing.iter("dt", "dd"):
                item.tag = "p" if item.find(".//p") is None else "div"
            listing.tag = "div"


def _parts_of(table: HtmlElement) -> list[HtmlElement]:
    """Return the rows and cells of this table, not of those inside its cells."""
    found: list[HtmlElement] = []
    waiting = list(table)
    while waiting:
        element = waiting.pop()
        if element.tag in _PARTS and element.tag != "table":
            found.append(element)
            waiting.extend(element)
    return found


def _is_layout(table: HtmlElement) -> bool:
    if table.get("role") in ("presentation", "none"):
        return True
    if any(table.find(f".//{tag}") is not None for tag in ("table", "h1", "article")):
        return True
    rows = [part for part in _parts_of(table) if part.tag == "tr"]
    cells = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
    if cells and all(len(row) <= 1 for row in cells):
        return True
    return any(len("".join(cell.itertext()).strip()) > _LONG_CELL for row in cells for cell in row)
