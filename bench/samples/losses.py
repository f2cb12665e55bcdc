"""Pages on which trafilatura alone has the better text, and the step of ours that lost it.

The steps of `tasks.domain.bodies.body.read_body` are watched while a page is read: the tree after pruning,
the first reading, the text that goes to the cleaning of lines, the text that comes out.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.samples.corpus import Corpus, Predictions, SamplePage, Truth, score_pages, text_value
from bench.samples.peers import read_ours
from tasks.domain.bodies import body as body_steps
from tasks.domain.text.normalise import comparison_key

LEAST_LOSS = 0.05
_KEY_CHARACTERS = 60  # of a line's comparison key: enough to find it again in another reading


@dataclass(frozen=True, slots=True)
class Loss:
    """A page on which another text is better than ours, and the step that caused it."""

    page: SamplePage
    ours: float
    peers: float
    step: str
    reason: str

    @property
    def difference(self) -> float:
        """How much better the other text is, 0 to 1."""
        return self.peers - self.ours


@dataclass(slots=True)
class Trace:
    """The results of the watched steps on one page, as comparison keys of all words."""

    pruned: str | None = None
    read: str | None = None
    chosen: str | None = None
    cleaned: str | None = None


def find_losses(corpus: Corpus, ours: Predictions, peers: Predictions) -> list[Loss]:
    """Return the pages whose text is worse than the peer's by more than LEAST_LOSS, the worst first."""
    our_scores, peer_scores = score_pages(corpus, ours), score_pages(corpus, peers)
    losses = []
    for page in corpus.pages:
        our_value, peer_value = text_value(our_scores[page.id]), text_value(peer_scores[page.id])
        if our_value is None or peer_value is None or our_value >= peer_value - LEAST_LOSS:
            continue
        step, reason = find_step(page, ours.get(page.id, {}), peers.get(page.id, {}))
        losses.append(Loss(page, our_value, peer_value, step, reason))
    return sorted(losses, key=lambda loss: -loss.difference)


def find_step(page: SamplePage, ours: dict[str, Any], peers: dict[str, Any]) -> tuple[str, str]:
    """Return the step that lost most of the expected text that the peer has, and a short reason.

    `refused`: no article; `pruned`: not in the tree after pruning; `reading`: in the tree, but not in the
    first reading; `second reading`: another reading took its place; `cleaned`: a rule for lines;
    `recurring`: learnt from the site's other pages; `added`: nothing is lost, but more is there.
    """
    if ours.get("status", "ok") != "ok":
        return "refused", str(ours.get("reason"))
    ours_key, peers_key = comparison_key(ours.get("body")), comparison_key(peers.get("body"))
    lost = [key for key in _wanted(page.truth) if key in peers_key and key not in ours_key]
    if not lost:
        return "added", "our text has more than the truth"
    trace = _trace(page)
    lengths: Counter[str] = Counter()
    for key in lost:
        lengths[_step_of(key, trace)] += len(key)
    step, _ = lengths.most_common(1)[0]
    return step, f"{len(lost)} lines, first {lost[0][:50]!r}"


def _wanted(truth: Truth) -> Iterator[str]:
    """Yield the expected text, as comparison keys: the truth's lines, else its snippets."""
    lines = truth["body"].split("\n") if truth.get("body") else truth.get("snippets_in") or []
    for line in lines:
        if key := comparison_key(line)[:_KEY_CHARACTERS].strip():
            yield key


def _step_of(key: str, trace: Trace) -> str:
    stages = (
        ("pruned", trace.pruned),
        ("reading", trace.read),
        ("second reading", trace.chosen),
        ("cleaned", trace.cleaned),
    )
    texts = [(name, text) for name, text in stages if text is not None]
    last_with_key = max((place for place, (_, text) in enumerate(texts) if key in text), default=-1)
    return texts[last_with_key + 1][0] if last_with_key + 1 < len(texts) else "recurring"


def _trace(page: SamplePage) -> Trace:
    trace = Trace()

    def after_pruning(result: object, root: Any, *_: object) -> None:
        trace.pruned = comparison_key(" ".join(root.itertext()))

    def after_reading(result: object, *_: object) -> None:
        trace.read = comparison_key(str(result))

    def after_cleaning(result: object, text: str, *_: object) -> None:
        trace.chosen, trace.cleaned = comparison_key(text), comparison_key(str(result))

    watchers: dict[str, Callable[..., None]] = {
        "prune_boilerplate": after_pruning,
        "read_main_text": after_reading,
        "clean_lines": after_cleaning,
    }
    with _watched(watchers):
        read_ours(page.html(), page.url)
    return trace


@contextmanager
def _watched(watchers: dict[str, Callable[..., None]]) -> Iterator[None]:
    """Call a watcher with the result and the arguments of each named step that still exists."""
    steps = {name: getattr(body_steps, name) for name in watchers if hasattr(body_steps, name)}

    def wrap(step: Callable[..., object], watch: Callable[..., None]) -> Callable[..., object]:
        def call(*arguments: Any, **named: Any) -> object:
            result = step(*arguments, **named)
            watch(result, *arguments)
            return result

        return call

    for name, step in steps.items():
        setattr(body_steps, name, wrap(step, watchers[name]))
    try:
        yield
    finally:
        for name, step in steps.items():
            setattr(body_steps, name, step)
