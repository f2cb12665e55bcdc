"""The charsets that a page's header and markup declare, as browsers read their labels; ISO 8859 or Windows.

Used by `tree`.
"""

import codecs
import re
from collections.abc import Iterator

SNIFF_BYTES = 4096  # where a page names its charset; the HTML standard looks at 1024

_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
# Labels that browsers read as another encoding (Encoding Standard, section 4.2).
_READ_AS = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "x-gbk": "gb18030",
    "utf8": "utf-8",
}
# The same languages; 0x80 to 0x9F are control characters in one, letters and quotes in the other.
_WINDOWS_CHARSETS = {"iso8859-2": "cp1250", "iso8859-7": "cp1253", "iso8859-13": "cp1257"}
_C1 = re.compile(rb"[\x80-\x9f]")


def declared_charsets(html: bytes, content_type: str | None) -> Iterator[str]:
    """Yield the charsets to try: those of the header and of the page, then UTF-8.

    The page's own declaration comes before a header of Western text, which is a server's default more often
    than the truth (Apache's `AddDefaultCharset`).
    """
    head = html[:SNIFF_BYTES]
    in_header = _HEADER_CHARSET.search(content_type or "")
    by_header = _known_charset(in_header[1]) if in_header else None
    by_page = [
        _known_charset(match[1].decode("ascii", "replace"))
        for pattern in (_META_CHARSET, _XML_ENCODING)
        if (match := pattern.search(head))
    ]
    charsets = [*by_page, by_header] if by_header == "cp1252" else [by_header, *by_page]
    for charset in (*charsets, "utf-8"):
        if charset is not None:
            yield _with_letters(charset, html)


def _known_charset(name: str) -> str | None:
    """Return how browsers and Python read a declared charset; None for one that cannot be right.

    UTF-16 and UTF-32 are detected by their marks: a declaration in ASCII says that they are not used.
    """
    known = _READ_AS.get(name.lower(), name.lower())
    try:
        info = codecs.lookup(known)
    except LookupError:
        return None
    is_text = getattr(info, "_is_text_encoding", True) and not info.name.startswith(("utf-16", "utf-32"))
    return info.name if is_text else None


def _with_letters(charset: str, html: bytes) -> str:
    """Return the Windows charset for a page declared as ISO 8859 that has letters where that has none."""
    windows = _WINDOWS_CHARSETS.get(charset)
    return windows if windows is not None and _C1.search(html) is not None else charset


def without_windows_letters(charset: str, html: bytes) -> str:
    """Return ISO 8859-2 for a page in windows-1250, by its language, that has none of the letters and quotes
    between 0x80 and 0x9F: those are frequent (`ś`, `š`, `ž`, `„`).

    A short Polish text may be without: its most frequent letter, `ą`, is 0xB9 in one and 0xB1 in the other.
    """
    if charset != "cp1250" or _C1.search(html) is not None:
        return charset
    return charset if html.count(b"\xb9") > html.count(b"\xb1") and _is_polish(html) else "iso8859-2"


def _is_polish(html: bytes) -> bool:
    # `ł`, `ó`, `ę` and `ż` have the same bytes in both charsets; Czech and Slovak have no `ł`, `ę` and `ż`.
    return any(letter in html for letter in (b"\xb3", b"\xea", b"\xbf"))
