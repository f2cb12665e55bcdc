"""The language model that py3langid ships: the likeliest language of a text, of those that it is asked for.

Used by `language`. Its tables are numpy arrays here and a text is walked through them as a whole: the library
goes from byte to byte through lists whose numbers lie scattered over memory, which takes twice the time and
gives each worker process copies of the lists.
"""

import unicodedata
from collections import Counter
from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import py3langid.langid as langid


class LanguageModel:
    """The states and weights of py3langid's model, for some languages; its answers are the library's."""

    __slots__ = ("_codes", "_features", "_next_states", "_priors", "_rows", "_weights")

    def __init__(self, codes: Collection[str]) -> None:
        """Read the model and keep the weights of the languages with these codes (ISO 639-1)."""
        model = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
        model.set_languages(codes)
        self._codes: list[str] = model.nb_classes
        self._priors: npt.NDArray[np.float32] = model.nb_pc
        # Row by row: a text looks up some 300 rows, each scattered over the memory in the library's order.
        self._weights: npt.NDArray[np.float32] = model.nb_ptc.astype(np.float32, order="C")
        self._next_states = np.asarray(model.tk_nextmove)  # by row and byte
        self._rows = np.asarray(model.tk_row, dtype=np.intp) << 8  # where each state's row begins
        self._features = np.asarray(model.tk_output, dtype=np.int32)  # of each state; -1: none

    def classify(self, text: str) -> str:
        """Return the code of the likeliest language."""
        counts = Counter(self._features_of(_encoded(text)))
        if not counts:
            return self._codes[0]
        rows = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
        amounts = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        scores = np.log1p(amounts) @ self._weights[rows] + self._priors
        return self._codes[int(scores.argmax())]

    def _features_of(self, data: bytes) -> list[int]:
        """Return the features that bytes hold, in their order.

        All states of the walk are guessed at first and computed from their predecessors until none changes:
        then each follows from the one before it, as in a walk byte by byte. A state depends on its last bytes
        only (six, in the present model), so that seven rounds are enough, whatever the length.
        """
        letters = np.frombuffer(data, dtype=np.uint8)
        states = np.zeros(len(letters) + 1, dtype=self._next_states.dtype)
        while True:
            following = self._next_states[self._rows[states[:-1]] + letters]
            if np.array_equal(following, states[1:]):
                break
            states[1:] = following
        features = self._features[following]
        found: list[int] = features[features >= 0].tolist()
        return found


def _encoded(text: str) -> bytes:
    text = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")
