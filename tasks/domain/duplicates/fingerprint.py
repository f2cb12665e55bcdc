"""Text -> shingles and sampled hashes; after extraction, before candidates for duplicates are looked up.

Shingle hashes are stored for years and compared with new ones: the hash function (xxh3 of a token, a
polynomial over the tokens, the finaliser of splitmix64) is defined here and frozen by a test, and does not
depend on a library's sketch.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import xxhash

from tasks.domain.text.tokens import (
    find_capitalised,
    find_names,
    find_numbers,
    find_tokens,
    normalised,
    tokenise,
)

SHINGLE_TOKENS, SHINGLE_CHARACTERS = 3, 8  # compared; the second for scripts without spaces
SAMPLED_TOKENS, SAMPLED_CHARACTERS = 5, 10  # stored
LEAD_SHINGLES = 30
SAMPLE_ONE_IN = 16
SAMPLE_LEAST = 12
SHORTEST_TOKENS = 20  # shorter texts have exact copies only
SHORTEST_CHARACTERS = 40
CACHED_TOKENS = 1_200_000  # of the last texts, with which the next ones are compared: some 35 MB
STORED_BITS = 40  # 5 bytes a hash; some four chance meetings in a batch of 1,000 against a million

Hashes = npt.NDArray[np.uint64]
# What is compared: the lowest 32 bits of each hash. Two different shingles of a pair of texts meet by chance
# in one of ten thousand pairs, which moves a measure by a thousandth.
Codes = npt.NDArray[np.uint32]
Bits = npt.NDArray[np.uint16]
Mask = npt.NDArray[np.bool_]

H = TypeVar("H", np.uint64, np.uint32)

_MULTIPLIER = 0x9E3779B97F4A7C15  # odd
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31 = np.uint64(30), np.uint64(27), np.uint64(31)
_BELOW = np.uint64(2**64 // SAMPLE_ONE_IN)
_STORED = np.uint64(2**STORED_BITS - 1)


class Outline(NamedTuple):
    """A text's sets by the lowest 16 bits of each hash, for counting what many texts share."""

    shingles: Bits
    tokens: Bits
    names: Bits
    numbers: Bits
    sizes: tuple[int, ...]  # tokens and shingles of the text, then of the sets


class Fingerprint:
    """What the comparison needs of a text; a pure function of the text, computed lazily.

    Sets are sorted arrays without repeats.
    """

    def __init__(self, body: str) -> None:
        tokens = tokenise(body)
        # Until names are looked for. The capitalised words: to find them again costs more.
        self._text, self._capitalised = tokens.text, " ".join(find_capitalised(tokens.found))
        joined = " ".join(tokens.words).encode("utf-8", "replace")
        self._hashes = _hash_words(joined.split())
        self.n_tokens = len(self._hashes)
        self.is_spaceless = tokens.is_spaceless
        self.content_sha256 = hashlib.sha256(joined).hexdigest()  # of the token sequence, as hex
        length = SHINGLE_CHARACTERS if self.is_spaceless else SHINGLE_TOKENS
        self.shingles = hash_shingles(self._hashes, length).astype(np.uint32)  # in reading order
        self.shingle_set = sorted_set(self.shingles)

    @property
    def is_short(self) -> bool:
        """Too short to be distinguished from similar texts: only an exact copy counts."""
        return self.n_tokens < (SHORTEST_CHARACTERS if self.is_spaceless else SHORTEST_TOKENS)

    @cached_property
    def first_half(self) -> Codes:
        """Shingles of the first half, as a set."""
        return sorted_set(self.shingles[: max(LEAD_SHINGLES, len(self.shingles) // 2)])

    @cached_property
    def is_first(self) -> Mask:
        """For each shingle whether it is the first of its kind, in reading order."""
        firsts = np.zeros(len(self.shingles), dtype=np.bool_)
        firsts[np.unique(self.shingles, return_index=True)[1]] = True
        return firsts

    @cached_property
    def token_set(self) -> Codes:
        """Single tokens, as a set."""
        return sorted_set(self._hashes.astype(np.uint32))

    @property
    def names(self) -> Codes:
        """Capitalised words that name somebody or something, as a set of tokens."""
        return self._names_and_numbers[0]

    @property
    def numbers(self) -> Codes:
        """Figures, as a set; some are not tokens of their own."""
        return self._names_and_numbers[1]

    @cached_property
    def _names_and_numbers(self) -> tuple[Codes, Codes]:
        names = find_names(self._text, self._capitalised.split())
        found = _code_set(names), _code_set(find_numbers(self._text))
        self._text = self._capitalised = ""
        return found

    @cached_property
    def outline(self) -> "Outline":
        """The sets by 16 bits of each hash."""
        sets = (self.shingle_set, self.token_set, self.names, self.numbers)
        shingles, tokens, names, numbers = (values.astype(np.uint16) for values in sets)
        sizes = (self.n_tokens, len(self.shingles), *map(len, sets))
        return Outline(shingles, tokens, names, numbers, sizes)

    @cached_property
    def samples(self) -> Hashes:
        """The hashes that are stored as the text's index, STORED_BITS each."""
        length = SAMPLED_CHARACTERS if self.is_spaceless else SAMPLED_TOKENS
        return _samples(self._hashes, length, self.content_sha256, is_short=self.is_short)


class RecentTexts:
    """The fingerprints of the texts that were asked for last, up to a number of tokens."""

    def __init__(self, most_tokens: int) -> None:
        self._most_tokens = most_tokens
        self._by_text: dict[str, Fingerprint] = {}  # the one that was asked for last comes last
        self._n_tokens = 0

    def __len__(self) -> int:
        return len(self._by_text)

    def clear(self) -> None:
        """Keep none."""
        self._by_text.clear()
        self._n_tokens = 0

    def fingerprint(self, body: str) -> Fingerprint:
        """Return the fingerprint of a text, the same object as long as it is kept."""
        kept = self._by_text.pop(body, None)
        text = kept or Fingerprint(body)
        self._by_text[body] = text
        if kept is None:
            self._n_tokens += _weight(text)
            while self._n_tokens > self._most_tokens:
                self._n_tokens -= _weight(self._by_text.pop(next(iter(self._by_text))))
        return text


def _weight(text: Fingerprint) -> int:
    return text.n_tokens + 1  # an empty text is kept, too


recent_texts = RecentTexts(CACHED_TOKENS)


def fingerprint(body: str) -> Fingerprint:
    """Return the hashes of a text; the last ones are kept, because a text is compared many times."""
    return recent_texts.fingerprint(body)


def content_sha256(body: str) -> str:
    """Return the SHA-256 of the text's normalised token sequence, as hex."""
    tokens = " ".join(find_tokens(normalised(body)))
    return hashlib.sha256(tokens.casefold().encode("utf-8", "replace")).hexdigest()


def hash_shingles(tokens: Hashes, length: int) -> Hashes:
    """Return one hash for each run of `length` tokens, in order; one for all when there are fewer."""
    length = max(1, min(length, len(tokens)))
    n = len(tokens) - length + 1
    total = np.zeros(max(n, 0), dtype=np.uint64)
    factor = np.uint64(_MULTIPLIER)
    for start in range(length):
        total *= factor
        total += tokens[start : start + n]
    total ^= total >> _S30
    total *= _MIX_1
    total ^= total >> _S27
    total *= _MIX_2
    total ^= total >> _S31
    return total


def sorted_set(hashes: npt.NDArray[H]) -> npt.NDArray[H]:
    """Return the hashes sorted and without repeats: `numpy.unique`, a third of its time for a text's."""
    ordered = np.sort(hashes)
    is_new = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    return ordered[is_new]


def stored_hashes(versions: Sequence[Fingerprint], *, is_dated: bool) -> Hashes:
    """Return the hashes by which an article is found, of all its versions.

    An article without a day has exact copies only: the hashes of whole texts suffice.
    """
    if is_dated:
        return sorted_set(np.concatenate([version.samples for version in versions]))
    return sorted_set(np.array([exact_hash(v.content_sha256) for v in versions], dtype=np.uint64))


def exact_hash(sha256: str) -> int:
    """Return the stored hash of a whole text, which equal texts share."""
    return int(sha256[: STORED_BITS // 4], 16)


def _samples(tokens: Hashes, length: int, sha256: str, *, is_short: bool) -> Hashes:
    """Return the stored hashes: the text's own and the smallest sixteenth of its longer shingles.

    FracMinHash (Irber et al. 2022, doi 10.1101/2022.01.11.475838); with a floor, for short texts.
    """
    whole = np.array([exact_hash(sha256)], dtype=np.uint64)
    if is_short:
        return whole if len(tokens) else whole[:0]
    shingles = sorted_set(hash_shingles(tokens, length))
    n = max(int(np.searchsorted(shingles, _BELOW)), SAMPLE_LEAST)
    return sorted_set(np.concatenate([shingles[:n] & _STORED, whole]))


def _hash_words(words: Iterable[bytes]) -> Hashes:
    return np.fromiter(map(xxhash.xxh3_64_intdigest, words), dtype=np.uint64)


def _code_set(words: set[str]) -> Codes:
    return sorted_set(_hash_words(word.encode() for word in words).astype(np.uint32))
