"""The language of an article and its reading direction; works offline.

py3langid ships its model with the package. The language that the page declares decides for short texts
and between similar languages; a declaration that the text contradicts is ignored.
"""

import re

from tasks.domain.text.language_model import LanguageModel, ModelTables
from tasks.domain.text.normalise import squeeze

_SAMPLE = 500  # characters: more changes nothing
_SURE = 120  # characters of text that outweigh a declaration
_CODES = """
    af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu ha he hi hr ht hu hy id ig is
    it ja ka kk km kn ko ku ky la lb lo lt lv mg mk ml mn mr ms mt my ne nl no om or pa pl ps pt ro ru rw si
    sk sl so sq
    sr st sv sw ta te tg th tk tl tr tt ug uk ur uz vi xh yo zh zu"""
CODES = tuple(_CODES.split())
_SAME = {
    "nb": "no",
    "nn": "no",
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "fil": "tl",
    "mo": "ro",
    "sh": "sr",
    "cmn": "zh",
}
# Languages that the model confuses: the page's declaration decides.
_NEIGHBOURS = (
    frozenset({"hr", "sr", "bs", "sl", "mk", "bg"}),
    frozenset({"id", "ms"}),
    frozenset({"no", "da", "sv"}),
    frozenset({"cs", "sk"}),
    frozenset({"pt", "gl", "es", "ca"}),
    frozenset({"ru", "uk", "be"}),
    frozenset({"tr", "az", "tk"}),
    frozenset({"fa", "ps", "ur", "ar"}),
    frozenset({"zu", "xh", "st", "rw"}),
    frozenset({"hi", "mr", "ne"}),
    frozenset({"de", "lb", "nl", "af"}),
)
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LETTER = re.compile(r"[^\W\d_]")
_HAS_LETTERS = re.compile(r"(?:[\W\d_]*[^\W\d_]){12}")
_HAN_AND_KANA = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_THAI_LAO_KHMER = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_BY_CHARACTER = re.compile(f"[{_HAN_AND_KANA}]")
_UNSPACED = re.compile(f"[{_THAI_LAO_KHMER}]+")
_SPACELESS = re.compile(f"[{_HAN_AND_KANA}{_THAI_LAO_KHMER}]")
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")


_models: list[LanguageModel] = []  # one, as soon as it is needed


def use_tables(tables: ModelTables) -> None:
    """Take the model's tables from here; without this call they are unpacked when they are needed first."""
    _models[:] = [LanguageModel(tables)]


def _model() -> LanguageModel:
    if not _models:
        use_tables(ModelTables.unpack(CODES))
    return _models[0]


def normal_code(tag: str | None) -> str | None:
    """Return the ISO 639-1 code of a language tag (`nb-NO` -> `no`); None when it has none."""
    code = re.split(r"[-_,; ]", (tag or "").strip().lower())[0]
    code = _SAME.get(code, code)
    return code if re.fullmatch(r"[a-z]{2}", code) else None


def identify_language(text: str, declared: str | None = None) -> str | None:
    """Return the text's language (ISO 639-1); the declared one where the text does not decide."""
    sample = squeeze(text[: _SAMPLE * 2])[:_SAMPLE]
    claim = normal_code(declared)
    if not _HAS_LETTERS.match(sample):
        return claim
    identified = _model().classify(sample)
    if claim is None or identified == claim:
        return identified
    is_short = len(_LETTER.findall(sample)) < _SURE
    if are_neighbours(identified, claim) or (is_short and _same_script(sample, claim)):
        return claim
    return identified


def are_neighbours(a: str, b: str) -> bool:
    """Say whether the model confuses the two languages."""
    return a == b or any(a in group and b in group for group in _NEIGHBOURS)


def _same_script(sample: str, claim: str) -> bool:
    is_latin = bool(re.search(r"[A-Za-z]{3}", sample))
    return is_latin == (
        claim not in {"ar", "fa", "he", "ru", "uk", "bg", "el", "ja", "zh", "ko", "hi", "th", "ur", "sr"}
    )


def reading_direction(text: str) -> str:
    """Return `rtl` when most letters are of a right-to-left script, else `ltr`."""
    sample = text[:600]
    if not _RTL.search(sample):
        return "ltr"
    letters = _LETTER.findall(sample)
    return "rtl" if sum(bool(_RTL.match(c)) for c in letters) * 2 > len(letters) > 0 else "ltr"


def count_words(text: str) -> int:
    """Return the number of words; each Han or kana character counts, and every four of Thai, Lao or Khmer."""
    if text.isascii():
        return len(_WORD.findall(text))
    if not _SPACELESS.search(text):
        return len(_WORD.findall(text))
    by_character = len(_BY_CHARACTER.findall(text))
    unspaced = sum(-(-len(run) // 4) for run in _UNSPACED.findall(text))
    rest = _UNSPACED.sub(" ", _BY_CHARACTER.sub(" ", text))
    return by_character + unspaced + len(_WORD.findall(rest))
