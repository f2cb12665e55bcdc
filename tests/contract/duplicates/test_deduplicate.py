"""Links and stories in the store: their contents, independent of order and batch size."""

import gzip
import json
import os
from dataclasses import replace
from datetime import date, datetime
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tasks.deduplicate
from tasks.deduplicate import compare_pairs, link_articles, unlink_articles
from tasks.domain.duplicates.compare import Text
from tasks.domain.duplicates.fingerprint import Fingerprint
from tasks.domain.duplicates.stories import components, settled_relations
from tasks.domain.urls.key import article_id, url_key
from tests.support.stories import article, cut, dump, load, new_store, relations, story
from warehouse import fingerprints
from warehouse.fingerprints import Candidates
from warehouse.records.article import Article, Relation
from warehouse.store.connection import Home, open_store, transaction
from warehouse.store.days import find_days

CORPUS = Path(os.environ.get("WIREHOUSE_CORPUS", Path(__file__).parents[3].parent / "shared" / "corpus"))
ORIGIN = "origin.example.com/2026/story-8"


def _mixed() -> list[Article]:
    """Return copies, cuts, parts, a digest, revisions, undated texts, a syndication claim and single
    texts."""
    briefs = [story(seed, 4) for seed in (41, 42, 43)]
    return [
        article("base", story(1), day=0),
        article("copy", story(1), day=2, source="gazette"),
        article("cut", cut(story(1), 7), day=5, source="herald"),
        article("late", story(1), day=9),
        article("bridge", story(1), day=6, hour=3),
        article("revised", story(2), day=1, fetched=0),
        article("revised", story(3), day=1, fetched=5),
        article("of-first", story(2), day=2),
        article("of-second", story(3), day=1, hour=2),
        article("moved", story(5), day=0, fetched=0),
        article("moved", story(5), day=8, fetched=3),
        article("beside-moved", story(5), day=1),
        article("undated", story(6), day=None),
        article("undated-copy", story(6), day=4),
        article("digest", "\n".join(briefs), day=1),
        article("brief-1", briefs[0], day=1),
        article("brief-3", briefs[2], day=2),
        article("syndicated", story(7), day=3, canonical_url=f"https://{ORIGIN}"),
        replace(article("x", story(8), day=0), url=f"https://{ORIGIN}", url_key=ORIGIN, final_url=None),
        article("single", story(9), day=2),
    ]  # fmt: skip


def _expected() -> tuple[list[tuple[object, ...]], ...]:
    con = new_store()
    load(con, _mixed())
    return dump(con)


EXPECTED = _expected()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(range(len(_mixed()))), st.integers(1, 7))
def test_no_order_and_no_batch_size_changes_anything(order: list[int], size: int) -> None:
    con = new_store()
    articles = _mixed()
    load(con, [articles[at] for at in order], size)
    assert dump(con) == EXPECTED


@pytest.mark.parametrize(("n_texts", "n_pairs"), [(1, 500), (500, 1), (3, 4)])
def test_how_many_candidates_are_in_memory_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, n_texts: int, n_pairs: int
) -> None:
    monkeypatch.setattr(tasks.deduplicate, "_TEXTS_AT_ONCE", n_texts)
    monkeypatch.setattr(tasks.deduplicate, "_PAIRS_AT_ONCE", n_pairs)
    monkeypatch.setattr(tasks.deduplicate, "_MANY_CANDIDATES", 1)
    con = new_store()
    load(con, _mixed(), 9)
    assert dump(con) == EXPECTED


def test_a_replay_changes_nothing_even_without_new_articles() -> None:
    con = new_store()
    load(con, _mixed(), 4)
    before = dump(con), con.execute("select load_id from core.duplicate_link order by all").fetchall()
    load(con, list(reversed(_mixed())), 3)
    ids = [str(row[0]) for row in con.execute("select article_id from core.article").fetchall()]
    for load_id in ("another", con.execute("select max(load_id) from core.load").fetchall()[0][0]):
        link_articles(con, find_days(con, ids), load_id)
    assert (
        dump(con),
        con.execute("select load_id from core.duplicate_link order by all").fetchall(),
    ) == before


def test_relations_of_the_mixed_texts() -> None:
    con = new_store()
    load(con, _mixed())
    assert relations(con) == {
        ("base", "copy", "exact"),
        ("base", "cut", "near"),
        ("copy", "cut", "near"),
        ("base", "bridge", "exact"),
        ("bridge", "copy", "exact"),
        ("bridge", "cut", "near"),
        ("bridge", "late", "exact"),
        ("cut", "late", "near"),
        ("of-first", "revised", "exact"),
        ("of-second", "revised", "exact"),
        ("undated", "undated-copy", "exact"),
        ("brief-1", "digest", "part_of"),
        ("brief-3", "digest", "part_of"),
        ("story-8", "syndicated", "declared_syndication"),
    }


def test_the_earliest_stands_for_the_story_and_digests_glue_nothing() -> None:
    con = new_store()
    load(con, _mixed())
    rows = con.execute("select url, n_articles, likely_origin, likely_origin_from from stories").fetchall()
    found = {url.rsplit("/", 1)[1]: (n, origin, why) for url, n, origin, why in rows}
    assert found["base"] == (5, "daily", "earliest")
    assert found["of-second"] == (3, "daily", "earliest")
    assert found["digest"][0] == found["brief-1"][0] == found["brief-3"][0] == 1
    assert "copy" not in found
    assert sum(n for n, _, _ in found.values()) == len({a.url for a in _mixed()})


def test_an_older_member_moves_the_story_and_leaves_an_alias() -> None:
    con = new_store()
    load(con, [article("second", story(1), day=3), article("third", story(1), day=4)])
    old = article_id(url_key("https://daily.example.org/second"))
    load(con, [article("first", story(1), day=1)])
    now = article_id(url_key("https://daily.example.org/first"))
    aliases = con.execute("select old_story_id::text, story_id::text from core.story_alias").fetchall()
    assert aliases == [(old, now)]
    assert con.execute("select distinct story_id::text from core.story_member").fetchall() == [(now,)]


def test_a_digest_that_comes_last_takes_no_brief_into_its_story() -> None:
    con = new_store()
    first, second = story(41, 4), story(42, 4)
    load(con, [article("digest", f"{first}\n{second}", day=1)])
    load(con, [article("brief-1", first, day=1)])
    load(con, [article("brief-2", second, day=1)])
    assert relations(con) == {("brief-1", "digest", "part_of"), ("brief-2", "digest", "part_of")}
    assert con.execute("select count(*) from core.story_member").fetchall() == [(0,)]


def test_a_revision_that_no_longer_matches_keeps_the_link_of_its_earlier_text() -> None:
    con = new_store()
    load(con, [article("a", story(1), fetched=0), article("b", story(1))])
    load(con, [article("a", story(2), fetched=9)])
    assert relations(con) == {("a", "b", "exact")}


def test_a_corrected_day_outside_the_window_takes_the_link_away() -> None:
    con = new_store()
    load(con, [article("a", story(1), day=0), article("b", story(1), day=1)])
    load(con, [article("b", story(1), day=20, fetched=9)])
    assert relations(con) == set()
    assert con.execute("select count(*) from core.story_member").fetchall() == [(0,)]


def test_unlinking_splits_what_the_article_held_together() -> None:
    con = new_store()
    load(
        con,
        [article("a", story(1), day=0), article("bridge", story(1), day=6), article("c", story(1), day=12)],
    )
    assert con.execute("select count(*) from core.story_member").fetchall() == [(3,)]
    unlink_articles(con, [article_id(url_key("https://daily.example.org/bridge"))])
    assert con.execute("select count(*) from core.story_member").fetchall() == [(0,)]
    assert con.execute("select count(distinct article_id) from core.fingerprint").fetchall() == [(2,)]


def test_it_says_how_many_of_a_batch_are_copies() -> None:
    con = new_store()
    assert load(con, [article("a", story(1), day=0), article("b", story(1), day=1)]) == 1
    assert load(con, [article("c", story(1), day=2), article("d", story(2))]) == 1


def test_view_says_each_pair_both_ways_with_a_reason() -> None:
    con = new_store()
    load(con, [article("a", story(1)), article("b", cut(story(1), 8), day=1)])
    rows = con.execute("select url, other_url, relation, similarity, why from copies order by url").fetchall()
    assert [row[:3] for row in rows] == [
        ("https://daily.example.org/a", "https://daily.example.org/b", "near"),
        ("https://daily.example.org/b", "https://daily.example.org/a", "near"),
    ]
    assert rows[0][3] == rows[1][3]
    assert rows[0][4].startswith("100 % of the shorter text's phrases are in the longer one (")


@pytest.mark.parametrize("floor", [{"precision": 0.995, "recall": 0.968, "natural": 0.88, "merged": 0.99}])
def test_figures_on_the_labelled_corpus(floor: dict[str, float]) -> None:
    folder = CORPUS / "dedup"
    if not folder.exists():
        pytest.skip("the deduplication corpus is not here; set WIREHOUSE_CORPUS")
    truth = json.loads(gzip.decompress((folder / "truth.json.gz").read_bytes()))
    found = _found(folder / "articles.jsonl.gz")
    natural = {pair[side] for pair in truth["natural_pairs"] for side in "ab"}
    true = {pair for urls in truth["clusters"] for pair in combinations(sorted(urls), 2)}
    scored = {pair for pair in found if not natural.intersection(pair)}
    assert len(scored & true) / len(scored) >= floor["precision"]
    assert len(scored & true) / len(true) >= floor["recall"]
    labels = [p["label"] for p in truth["natural_pairs"] if tuple(sorted((p["a"], p["b"]))) in found]
    assert sum(labels) == sum(p["label"] for p in truth["natural_pairs"])
    assert sum(labels) / len(labels) >= floor["natural"]
    clusters = components(set(truth["docs"]) - natural, scored)
    merged = {pair for urls in clusters for pair in combinations(urls, 2)}
    assert len(merged & true) / len(merged) >= floor["merged"]


def _found(path: Path) -> set[tuple[str, str]]:
    """Return the pairs of one story text, with candidates by shared hashes as the store finds them."""
    texts: dict[str, Text] = {}
    for line in gzip.decompress(path.read_bytes()).splitlines():
        row = json.loads(line)
        day: date = datetime.fromisoformat(row["published"]).date()
        texts[row["url"]] = Text(row["url"], day, Fingerprint(row["body"]))
    by_hash: dict[int, list[str]] = {}
    for url, text in texts.items():
        for value in text.fingerprint.samples.tolist():
            by_hash.setdefault(value, []).append(url)
    pairs = {pair for urls in by_hash.values() for pair in combinations(sorted(urls), 2)}
    members = sorted(texts)
    place = {url: n for n, url in enumerate(members)}
    a, b = (np.array([place[pair[side]] for pair in pairs], dtype=np.int32) for side in (0, 1))
    links = compare_pairs(Candidates(members, {}, a, b), {url: [text] for url, text in texts.items()})
    settled = settled_relations(links)
    return {pair for pair, relation in settled.items() if relation in (Relation.EXACT, Relation.NEAR)}


def test_hashes_of_many_loads_are_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "_PACKED_BYTES", 0)
    monkeypatch.setattr(fingerprints, "_PART_ROWS", 200_000)
    home = Home(tmp_path)
    for n in range(40):
        with open_store(home, owner="test") as con, transaction(con):
            con.execute(
                "insert into core.fingerprint (hash, article_id, published_on, n_hashes)"
                " select hash(range) >> 24, cast(md5(cast(range // 20 as text)) as uuid), date "
                "'2026-03-02' + cast($1 // 12000 as integer), 20"
                " from range($1, $1 + 12000)",
                [n * 12_000],
            )
    sums = "select count(*), sum(hash % 1000003), count(distinct article_id) from core.fingerprint"
    with open_store(home, owner="test") as con:
        before = con.execute(sums).fetchall()
        assert fingerprints.pack_fingerprints(con)
        assert con.execute(sums).fetchall() == before
    with open_store(home, owner="test") as con:
        assert not fingerprints.pack_fingerprints(con)
