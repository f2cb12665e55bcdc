"""A title as a feed writes it -> plain text on one line.

After the readers, part of `normalise`. RSS does not define whether a title is text or HTML, so only
unmistakable markup is removed: "How to use <T> in Rust" keeps its "<T>".
"""

import html
import re

_TAG = re.compile(
    r"</?(?:a|abbr|acronym|address|applet|b|bdi|bdo|big|blink|blockquote|br|center|cite|code|del|dfn|div|em"
    r"|embed|font|h[1-6]|hr|i|iframe|img|ins|kbd|label|li|mark|nobr|object|ol|p|pre|q|rp|rt|ruby|s|samp"
    r"|script|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|th|tr|tt|u|ul|var|wbr)"
    r"\b(?:\s[^<>]*)?/?>|<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>",
    re.I | re.S,
)
# Elements that need an end tag, written without an attribute.
_BARE = re.compile(
    r"(?i)<(a|abbr|acronym|b|big|blink|cite|code|del|dfn|em|font|i|iframe|ins|kbd|label|mark|nobr"
    r"|object|q|ruby"
    r"|s|samp|small|span|strike|strong|sub|sup|svg|tt|u|var)>"
)
_BREAKING = re.compile(r"(?i)</?(?:blockquote|br|center|div|h[1-6]|hr|li|ol|p|pre|table|td|th|tr|ul)\b")
_DROPPED = re.compile(r"(?is)<(script|style|applet)\b[^>]*>.*?(?:</\1\s*>|\Z)")
# In plain text too: many systems escape by habit, and few headlines are about "&amp;".
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_CP1252 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\ufffc\ufffd]")


def plain_title(raw: str | None, *, is_markup: bool) -> str | None:
    """Return the title without tags, entities, control characters and runs of white space.

    None when no readable character is left. `is_markup` says that HTML may stand in it.
    """
    if not raw:
        return None
    # Decoded once only: a headline may be about "<b>" or "&amp;".
    text = html.unescape(_strip_tags(raw)) if is_markup else _ENTITY.sub(lambda m: html.unescape(m[0]), raw)
    # References such as &#146; mean the Windows code page, whatever the standards say.
    text = _INVISIBLE.sub("", text.translate(_CP1252))
    return " ".join(text.split()) or None


def _strip_tags(text: str) -> str:
    if "<" not in text:
        return text
    text = _DROPPED.sub("", text)
    lowered = text.lower()
    return _TAG.sub(lambda tag: _without_tag(tag[0], lowered), text)


def _without_tag(tag: str, lowered: str) -> str:
    """Return what stands in place of a tag: the tag itself where it is one that a headline speaks of."""
    if _BREAKING.match(tag):
        return " "
    bare = _BARE.fullmatch(tag)
    # "<a>" without an end is a word of the text; "<b>Market</b>" is markup.
    return tag if bare and f"</{bare[1].lower()}" not in lowered else ""
