"""The prefilter of candidates: it may keep too many, and never drops a link."""

import random
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.deduplicate import compare_pairs
from tasks.domain.duplicates.compare import Text, best_link, compare
from tasks.domain.duplicates.fingerprint import Fingerprint
from tasks.domain.duplicates.prefilter import Crowd, prospects
from tests.support.stories import cut, story, words
from warehouse.fingerprints import Candidates

DAY = date(2026, 3, 2)
FORM = (
    "The council of {} announced on day {} that the bridge near the {} would need {} more people "
    "than the tower "
    "had expected. The minister for the {} said that {} of the {} families on the river had been "
    "told to leave."
)
BODIES = (
    story(1), cut(story(1), 5), story(1, 40), cut(story(1, 40), 22), story(2) + "\n" + cut(story(1), 7),
        story(3),
    f"OSLO, Jan 2 (AP) — {story(1)}", "\n".join(story(n, 4) for n in (4, 1, 5)), story(1).lower(), "",
        "Watch it.",
    "東京都は二日、新しい橋の建設を始めると発表した。費用は百億円で、完成は来年の秋になる見通しだ。" * 3,
    "東京都は二日、新しい橋の建設を始めると発表した。費用は百億円で、完成は来年の秋になる見通しだ。" * 2,
    "Мэр Осло заявил 3 марта, что мост через реку закроют на девять недель, а ремонт обойдётся в "
        "1200 крон. " * 3,
)  # fmt: skip


def text(name: str, body: str) -> Text:
    return Text(name, DAY, Fingerprint(body))


def edited(body: str, seed: int, share: float) -> str:
    """Return the text with a share of its words replaced, removed or duplicated."""
    rng = random.Random(seed)
    kept: list[str] = []
    for word in body.split():
        what = rng.random()
        if what >= share:
            kept.append(word)
        elif what > share / 2:
            kept += words(rng, rng.randint(0, 3))
    return " ".join(kept)


def may_link(one: Text, others: list[Text]) -> list[bool]:
    crowd = Crowd([text.fingerprint for text in (one, *others)])
    rows = np.arange(1, len(others) + 1)
    found: list[bool] = prospects(crowd, np.zeros_like(rows), rows).tolist()
    assert prospects(crowd, rows, np.zeros_like(rows)).tolist() == found
    return found


def assert_no_link_is_stopped(one: Text, others: list[Text]) -> None:
    found = may_link(one, others)
    linked = [compare(one, other) is not None for other in others]
    assert not [
        other for other, may, is_linked in zip(others, found, linked, strict=True) if is_linked and not may
    ]
    assert [may_link(one, [other])[0] for other in others] == found


@given(
    bodies=st.lists(
        st.tuples(st.sampled_from(BODIES), st.integers(0, 99), st.sampled_from((0, 0.05, 0.2, 0.4))),
        min_size=2, max_size=9,
    )
)  # fmt: skip
def test_no_link_is_stopped(bodies: list[tuple[str, int, float]]) -> None:
    texts = [text(f"{n:02}", edited(*body)) for n, body in enumerate(bodies)]
    assert_no_link_is_stopped(texts[0], texts[1:])


@given(st.lists(st.text("ab 1Å東. ", max_size=120), min_size=2, max_size=6))
def test_no_link_of_strange_texts_is_stopped(bodies: list[str]) -> None:
    texts = [text(str(n), body) for n, body in enumerate(bodies)]
    assert_no_link_is_stopped(texts[0], texts[1:])


def reports(n: int) -> list[Text]:
    rng = random.Random(7)
    bodies = []
    for _ in range(n):
        filled = [
            rng.choice(["river", "harbour", "coast", "valley"]),
            *(str(rng.randint(2, 999)) for _ in range(6)),
        ]
        bodies.append(" ".join([FORM.format(*filled)] * 2))
    return [text(f"{n:03}", body) for n, body in enumerate(bodies)]


def test_reports_from_one_form_are_stopped() -> None:
    one, *others = reports(40)
    assert sum(may_link(one, others)) < 4


@pytest.mark.parametrize("n_versions", [1, 2])
def test_links_among_many_are_those_of_each_pair(n_versions: int) -> None:
    forms, bodies = reports(30), [edited(body, 1, 0.05) for body in BODIES]
    texts = {form.article_id: [form] for form in forms}
    texts |= {f"b{n:02}": [text(f"b{n:02}", body)] * n_versions for n, body in enumerate((*BODIES, *bodies))}
    pairs = [(a, b) for a in texts for b in texts if a < b]
    one_by_one = [link for a, b in pairs if (link := best_link(texts[a], texts[b]))]
    assert len(one_by_one) > 20
    members = sorted(texts)
    candidates = Candidates(members, {}, *np.triu_indices(len(members), 1))
    assert compare_pairs(candidates, texts) == sorted(one_by_one, key=lambda link: (link.a, link.b))
