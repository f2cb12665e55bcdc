"""Text rules that several packages share: white space, comparison keys, registrable domains."""

import re
import unicodedata
from urllib.parse import urlsplit

import tldextract

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_NOT_WORDS = re.compile(r"[\W_]+")
# The bundled list only: no network request.
_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def squeeze(text: str | None) -> str:
    """Return the text on one line, with single spaces and without invisible marks."""
    if not text:
        return ""
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())


def comparison_key(text: str | None) -> str:
    """Return a key that is equal for two spellings of the same words: NFKC, casefolded, no punctuation."""
    if not text:
        return ""
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return _NOT_WORDS.sub(" ", folded).strip()


def compact_key(text: str | None) -> str:
    """Return the comparison key without its spaces: `RP ONLINE` and `rp-online` are equal."""
    return comparison_key(text).replace(" ", "")


def registrable_domain(url: str) -> str:
    """Return the address's registrable domain (`news.bbc.co.uk` -> `bbc.co.uk`), else its host."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return _SUFFIXES(host).top_domain_under_public_suffix or host


def domain_label(url: str) -> str:
    """Return the registrable domain without its suffix: `bbc` for `news.bbc.co.uk`."""
    try:
        return _SUFFIXES(urlsplit(url).hostname or "").domain
    except ValueError:
        return ""
