"""The language model that py3langid ships: the likeliest language of a text, of those that it is asked for.

Used by `language`. Its tables are numpy arrays here and a text is walked through them as a whole: the library
goes from byte to byte through lists whose numbers lie scattered over memory, which takes twice the time.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import py3langid.langid as langid


@dataclass(frozen=True, slots=True)
class ModelTables:
    """The states and weights of the model, for some languages.

    A state is a number; `next_states[row_starts[state] + byte]` follows it. `features[state]` is the feature
    that the state has found, or -1, and `weights[feature]` what it says for each language.
    """

    codes: npt.NDArray[np.str_]  # of the n languages
    priors: npt.NDArray[np.float32]  # n
    weights: npt.NDArray[np.float16]  # features x n; row by row: a text looks up some 300 rows
    next_states: npt.NDArray[np.uint32]
    row_starts: npt.NDArray[np.intp]
    features: npt.NDArray[np.int32]

    @classmethod
    def unpack(cls, codes: Sequence[str]) -> Self:
        """Read the model that py3langid ships, for the languages with these codes (ISO 639-1)."""
        model = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
        model.set_languages(codes)
        return cls(
            codes=np.array(model.nb_classes),
            priors=model.nb_pc,
            weights=np.ascontiguousarray(model.nb_ptc, dtype=np.float16),
            next_states=np.asarray(model.tk_nextmove, dtype=np.uint32),
            row_starts=np.asarray(model.tk_row, dtype=np.intp) << 8,
            features=np.asarray(model.tk_output, dtype=np.int32),
        )


class LanguageModel:
    """The states and weights of py3langid's model, for some languages; its answers are the library's."""

    __slots__ = ("_codes", "_tables")

    def __init__(self, tables: ModelTables) -> None:
        self._tables = tables
        self._codes: list[str] = tables.codes.tolist()

    def classify(self, text: str) -> str:
        """Return the code of the likeliest language."""
        counts = Counter(self._features_of(_encoded(text)))
        if not counts:
            return self._codes[0]
        rows = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
        amounts = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        weights = self._tables.weights[rows].astype(np.float32)
        scores = np.log1p(amounts) @ weights + self._tables.priors
        return self._codes[int(scores.argmax())]

    def _features_of(self, data: bytes) -> list[int]:
        """Return the features that bytes hold, in their order.

        All states of the walk are guessed at first and computed from their predecessors until none changes:
        then each follows from the one before it, as in a walk byte by byte. A state depends on its last bytes
        only (six, in the current model), so that seven rounds are enough, whatever the length.
        """
        letters = np.frombuffer(data, dtype=np.uint8)
        tables = self._tables
        states = np.zeros(len(letters) + 1, dtype=tables.next_states.dtype)
        while True:
            following = tables.next_states[tables.row_starts[states[:-1]] + letters]
            if np.array_equal(following, states[1:]):
                break
            states[1:] = following
        features = tables.features[following]
        found: list[int] = features[features >= 0].tolist()
        return found


def _encoded(text: str) -> bytes:
    text = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")
