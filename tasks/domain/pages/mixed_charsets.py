"""Pages of UTF-8 in which some characters are of windows-1252 or another one-byte charset of Latin letters.

A template in UTF-8 around texts of an older database gives such pages. No charset reads them whole; browsers
show U+FFFD. As ftfy and `UnicodeDammit.detwingle` do, bytes that are not UTF-8 are read by themselves.
Used by `tree`, for bytes that are not valid UTF-8.
"""

import codecs
import re

CHARSETS = ("cp1250", "cp1252", "cp1254", "cp1257")

_SAMPLE_BYTES = 2_000_000
_RUN = re.compile(rb"[\x80-\xff]+")
# UTF-8 of Latin letters and punctuation (U+00A0 to U+017F, U+2000 to U+206F), euro and trademark sign.
_LATIN_RUN = re.compile(
    rb"(?:[\xc2-\xc5][\x80-\xbf]|\xe2(?:\x80[\x80-\xbf]|\x81[\x80-\xaf]|\x82\xac|\x84\xa2))+"
)
_MAX_RUN_BYTES = 1.5  # mean; letters with accents stand alone, those of other scripts do not
_MIN_LATIN_RUNS = 2  # fewer can be chance: `Ä“` in windows-1252 is `ē` in UTF-8
_MIN_LATIN_RATIO = 0.02  # to the runs that are not UTF-8
# Beginnings of quotes, dashes and marks that a limit of bytes has cut; no text has `â€`.
_CUT = (b"\xe2\x80", b"\xe2\x82", b"\xe2\x84", b"\xef\xbb", b"\xef\xbf")
_CUT_LETTER = (b"\xc2", b"\xc3")  # likewise, unless a letter follows: SÃO PAULO


def decode_mixed(html: bytes, charset: str) -> str | None:
    """Return the text of a page in UTF-8 and in one of CHARSETS; None for any other page.

    A character that was cut, and a byte that `charset` lacks, become U+FFFD.
    """
    return html.decode("utf-8", f"wirehouse.{charset}") if _is_mixed(html[:_SAMPLE_BYTES]) else None


def _is_mixed(sample: bytes) -> bool:
    n_latin = n_other_scripts = n_legacy = n_legacy_bytes = 0
    for match in _RUN.finditer(sample):
        run = match.group()
        if _LATIN_RUN.fullmatch(run):
            n_latin += 1
        elif _is_utf8(run):
            n_other_scripts += 1
        else:
            n_legacy += 1
            n_legacy_bytes += len(run)
    return (
        n_latin >= max(_MIN_LATIN_RUNS, n_other_scripts, _MIN_LATIN_RATIO * n_legacy)
        and n_legacy_bytes <= _MAX_RUN_BYTES * n_legacy
    )


def _is_utf8(run: bytes) -> bool:
    try:
        run.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _register(charset: str) -> None:
    """Make `wirehouse.CHARSET` an error handler: it reads bytes that are not UTF-8 as `charset`."""

    def read(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        piece = error.object[error.start : error.end]
        following = error.object[error.end : error.end + 1]
        is_cut = piece in _CUT or (piece in _CUT_LETTER and not following.isalpha())
        return "\ufffd" if is_cut else piece.decode(charset, "replace"), error.end

    codecs.register_error(f"wirehouse.{charset}", read)


for _charset in CHARSETS:
    _register(_charset)
