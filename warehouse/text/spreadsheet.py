"""Guard text that a spreadsheet would execute (OWASP, CSV injection). Pure; only where it is asked for.

CSV has the data unchanged; `--spreadsheet-safe` and `?spreadsheet=1` write the mark and guard the cells.
"""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it Excel reads UTF-8 as the local code page
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def guarded(cell: str) -> str:
    """Return text with an apostrophe before it where a spreadsheet would execute it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
