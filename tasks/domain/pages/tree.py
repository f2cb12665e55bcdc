"""Bytes of a page -> decoded text -> one lxml tree that all readers share.

After fetch, before every reader of the page. Bad input raises nothing: invalid bytes are replaced,
NUL and control characters dropped, and a page without markup gives None.
"""

import codecs
import re

from charset_normalizer import from_bytes
from lxml.etree import ElementDefaultClassLookup, ParserError, XMLSyntaxError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from tasks.domain.pages.declared_charsets import SNIFF_BYTES, declared_charsets, without_windows_letters
from tasks.domain.pages.mixed_charsets import CHARSETS, decode_mixed
from tasks.domain.pages.nesting import flattened, is_too_deep
from tasks.domain.pages.preformatted import join_wrapped_lines

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# References to the same characters: the parser resolves them, and lxml rejects the result.
_CONTROL_REFERENCE = re.compile(
    r"&#(?:0*(?:[1-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9])|"
    r"x0*(?:[1-8bcef]|1[0-9a-f]|fff[ef])(?![0-9a-f]));?",
    re.IGNORECASE,
)
_NO_CHARACTERS = "\uffff".encode()[:2]  # U+FFFE and U+FFFF, and some rare signs
_CONTROL_BYTES = bytes([*range(9), 11, 12, *range(14, 32), 127])
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# File signatures of what servers send as text/html by mistake, compressed bodies included.
_SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a media file"),
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip-compressed body"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard-compressed body"),
    (b"BZh", "a bzip2-compressed body"),
    (b"\xfd7zXZ\x00", "an XZ-compressed body"),
    (b"wOF", "a font"),
    (b"\x00\x00\x01\x00", "an icon"),
)
_OVERLONG_TAG = re.compile(r"(?P<name>[A-Za-z][^\s>/]*)[^>]{2000,}")  # after its `<`
_LONG_TAG = 2000  # characters
_MAX_ATTRIBUTES = 250  # of one tag; real pages have under 60
_MAX_CONTROL_RATIO = 0.05  # of the first bytes; text has none
# Encodings of web pages (Encoding Standard); an unrestricted detector takes windows-1251 for Mac Cyrillic.
_WEB_CHARSETS = (
    "utf_8 cp1251 cp1252 cp1250 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 koi8_r gb18030 big5 cp932"
    " euc_jp cp949 cp874 iso8859_2"
)
_PARAGRAPH_TAG = re.compile(r"<p[\s>]|</p>", re.IGNORECASE)
# Start of a paragraph; end of a paragraph; other tags that end one.
_PARAGRAPH_ENDS = re.compile(
    r"(<p(?=[\s>]))|(</p\s{0,20}>)|"
    r"</?(?:div|table|td|tr|ul|ol|dl|h[1-6]|blockquote|center|form|hr|article|section)\b",
    re.IGNORECASE,
)
_MIN_DETECTION_BYTES = 40
_HTML_LANG = re.compile(rb"<html[^>]{0,300}?\blang\s*=\s*[\"']?([A-Za-z]{2})\b", re.IGNORECASE)
_LANGUAGE_CHARSETS = (
    ("ru uk be bg sr mk kk ky", ("cp1251",)),
    ("ja", ("cp932", "euc_jp")),
    ("zh", ("gb18030", "big5")),
    ("ko", ("cp949",)),
    ("pl cs sk hu hr sl ro", ("cp1250",)),
    ("el", ("cp1253",)),
    ("tr az", ("cp1254",)),
    ("he iw", ("cp1255",)),
    ("ar fa ur", ("cp1256",)),
    ("lt lv et", ("cp1257",)),
    ("th", ("cp874",)),
    ("en de fr es it pt nl sv da no nb fi", ("cp1252",)),
)
_TOLERATED_BROKEN = 0.002  # share of replaced characters that a page in its declared charset may have


def binary_kind(html: bytes) -> str | None:
    """Return what the bytes are where they are no text (`a PNG image`); None for text."""
    if kind := next((kind for magic, kind in _SIGNATURES if html.startswith(magic)), None):
        return kind
    if html.startswith(tuple(mark for mark, _ in _BOMS)):
        return None
    head = html[:SNIFF_BYTES]
    n_control = len(head) - len(head.translate(None, _CONTROL_BYTES))
    return "binary data" if n_control > _MAX_CONTROL_RATIO * len(head) else None


def decode_page(html: bytes, content_type: str | None) -> str:
    """Return the page's text.

    Order: BOM, valid UTF-8 whatever is declared, UTF-8 with single characters of another charset, header,
    meta, detection; a declared charset that the bytes contradict is ignored. Control characters and
    references to them are dropped.
    """
    text = _decoded(html, content_type)
    # Cut at each `&`, the pattern reads only the few references instead of the page.
    has_reference = any(
        piece[:1] == "#" and _CONTROL_REFERENCE.match(f"&{piece}") is not None for piece in text.split("&")
    )
    return _CONTROL_REFERENCE.sub("", text) if has_reference else text


def _decoded(html: bytes, content_type: str | None) -> str:
    for mark, encoding in _BOMS:
        if html.startswith(mark):
            return _clean(html.decode(encoding, "replace"))
    html = html.translate(None, _CONTROL_BYTES)
    try:
        text = html.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return _clean(text) if _NO_CHARACTERS[:1] in html and _NO_CHARACTERS in html else text
    if (mixed := _mixed(html)) is not None:
        return _clean(mixed)
    best: tuple[float, str] | None = None
    for encoding in declared_charsets(html, content_type):
        text = html.decode(encoding, "replace")
        broken = text.count("\ufffd") / max(1, len(text))
        if broken <= _TOLERATED_BROKEN:
            return _clean(text)
        if best is None or broken < best[0]:
            best = (broken, text)
    return _clean(_detected(html) or (best[1] if best else html.decode("cp1252", "replace")))


def _mixed(html: bytes) -> str | None:
    """Return the text of a page in UTF-8 and a one-byte charset, by default that of Western languages."""
    charset = next(iter(_charsets_of_language(html)), "cp1252")
    return decode_mixed(html, charset) if charset in CHARSETS else None


def _detected(html: bytes) -> str | None:
    # A sample without markup is enough and keeps a page of megabytes cheap.
    sample = re.sub(rb"<[^>]*>", b" ", html[:200_000])[:20_000]
    if len(sample) < _MIN_DETECTION_BYTES:
        return None
    for charset in _charsets_of_language(html):
        text = html.decode(without_windows_letters(charset, html), "replace")
        if text.count("\ufffd") <= _TOLERATED_BROKEN * len(text):
            return text
    detected = from_bytes(sample, cp_isolation=_WEB_CHARSETS.split()).best()
    return html.decode(detected.encoding, "replace") if detected else None


def _charsets_of_language(html: bytes) -> tuple[str, ...]:
    """Return the legacy charsets of the language that the page declares."""
    declared = _HTML_LANG.search(html[:SNIFF_BYTES])
    language = declared.group(1).decode("ascii", "replace").lower() if declared else ""
    return next((charsets for languages, charsets in _LANGUAGE_CHARSETS if language in languages.split()), ())


def _clean(text: str) -> str:
    return _CONTROL.sub("", text.removeprefix("\ufeff"))


def _without_long_tags(text: str) -> str:
    """Return the page without the attributes of tags with very many, as libxml2 compares each with all."""
    if not _may_have_long_tag(text):
        return text
    pieces = text.split("<")
    for place, piece in enumerate(pieces):
        if not place or len(piece) <= _LONG_TAG or piece.find(">", 0, _LONG_TAG) >= 0:
            continue
        tag = _OVERLONG_TAG.match(piece)
        if tag and len(tag.group().split()) > _MAX_ATTRIBUTES:
            pieces[place] = tag.group("name") + piece[tag.end() :]
    return "<".join(pieces)


def _may_have_long_tag(text: str) -> bool:
    """Say whether a tag may be overlong: one that begins in a block of half the length and fills the next.

    Most blocks of a page hold the end of a tag near their beginning, so that little of the page is read.
    """
    block = _LONG_TAG // 2
    return any(
        text.find(">", start, start + block) < 0
        and (begin := text.rfind("<", start - block, start)) >= 0
        and text.find(">", begin, start) < 0
        for start in range(block, len(text), block)
    )


def _has_stray_ends(text: str) -> bool:
    """Say whether a page has more ends of paragraphs than starts."""
    tags = _PARAGRAPH_TAG.findall(text)
    n_ends = tags.count("</p>") + tags.count("</P>")
    return 2 * n_ends > len(tags)


def _with_breaks(text: str) -> str:
    """Return the page with `br` for each `</p>` without an open paragraph, as browsers render it."""
    is_open = False

    def replaced(token: re.Match[str]) -> str:
        nonlocal is_open
        was_open, is_open = is_open, token.group(1) is not None
        return "<br>" if token.group(2) and not was_open else token.group()

    return _PARAGRAPH_ENDS.sub(replaced, text)


def parse_html(text: str) -> HtmlElement | None:
    """Return the page's tree, rooted at `html`; None when the text holds no markup or words.

    The tree has a bounded depth: tags within more than 100 open elements are left out, never their text.
    """
    if not text.strip():
        return None
    text = _without_long_tags(text)
    if _has_stray_ends(text):
        text = _with_breaks(text)
    root = _parsed(text)
    if root is not None and is_too_deep(root):
        root = _parsed(flattened(text))
    if root is not None:
        _rename_anchors(root)
        join_wrapped_lines(root)
    return root


def _parsed(text: str) -> HtmlElement | None:
    parser = HTMLParser(
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        default_doctype=False,
        huge_tree=True,  # otherwise everything below level 256 is lost
    )
    # lxml.html calls a Python function to choose the class of each element, 2 µs each time.
    parser.set_element_class_lookup(ElementDefaultClassLookup(element=HtmlElement))
    try:
        root = document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (ParserError, XMLSyntaxError, ValueError, AssertionError):
        return None
    return root if isinstance(root, HtmlElement) else None


def _rename_anchors(root: HtmlElement) -> None:
    """Rename each `a` without `href` to `span`, in place: it marks a place in the text and links nowhere."""
    for anchor in list(root.iter("a")):
        if anchor.get("href") is None:
            anchor.tag = "span"
