"""Answers of the current snapshot, kept until the next one: a question that is repeated costs nothing."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

MAX_BYTES = 16_000_000  # a few hundred pages
MAX_ANSWER_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it goes out."""

    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()


class AnswerCache:
    """The latest answers by address, all of one snapshot; bounded in bytes, safe to use from threads."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._snapshot_key = ""
        self._n_bytes = 0

    def get(self, snapshot_key: str, address: str) -> Answer | None:
        """Return the answer that this snapshot gave."""
        with self._lock:
            self._follow(snapshot_key)
            answer = self._answers.get(address)
            if answer is not None:
                self._answers.move_to_end(address)
            return answer

    def put(self, snapshot_key: str, address: str, answer: Answer) -> None:
        """Keep an answer; the ones that were used longest ago make room."""
        if len(answer.body) > MAX_ANSWER_BYTES:
            return
        with self._lock:
            if snapshot_key != self._snapshot_key or address in self._answers:
                return
            self._answers[address] = answer
            self._n_bytes += len(answer.body)
            while self._n_bytes > self._max_bytes:
                _, dropped = self._answers.popitem(last=False)
                self._n_bytes -= len(dropped.body)

    def _follow(self, snapshot_key: str) -> None:
        """Drop everything when the snapshot was replaced: what was forgotten must not be served on."""
        if snapshot_key != self._snapshot_key:
            self._answers.clear()
            self._n_bytes = 0
            self._snapshot_key = snapshot_key
