"""Link the articles of a batch to their near-duplicates and group them into stories; after they are stored.

Runs inside the load's transaction. The result depends only on the set of stored texts and days, not on the
order or size of batches: each pair is compared by itself, in the batch of its second article, and stories
are the connected components of the links.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import chain

import duckdb
import numpy as np

from tasks.domain.duplicates import stories as clusters
from tasks.domain.duplicates.compare import LEAST_SHARED_RATIO, WINDOW_DAYS, Text, best_link, declared_links
from tasks.domain.duplicates.fingerprint import fingerprint, stored_hashes
from tasks.domain.duplicates.prefilter import Crowd, Mask, Rows, prospects
from tasks.domain.urls.key import article_id, believed_canonical
from warehouse import fingerprints, links, stories
from warehouse.records.article import DuplicateLink, Relation
from warehouse.store.days import find_days

Texts = Mapping[str, list[Text]]
_TEXTS_AT_ONCE, _PAIRS_AT_ONCE = 1_000, 100_000
_MANY_CANDIDATES = 8  # for fewer, comparing directly costs less than the prefilter


def link_articles(
    con: duckdb.DuckDBPyConnection, days: Mapping[str, date], load_id: str, new_ids: Collection[str] = ()
) -> int:
    """Link new and changed articles to their copies; return how many of them are copies.

    `days` has the day of each (seen_on), `new_ids` those that were not stored before, if that is known. A
    copy belongs to a story whose representative is another article, published earlier.
    """
    if not days:
        return 0
    article_ids = sorted(days)
    texts = _read_texts(con, days)
    known = {member: days[member] for member in days.keys() - frozenset(new_ids)}
    linked_before = fingerprints.find_linked_before(con, known, load_id)
    batch = [_hashed(versions, days) for versions in texts.values()]
    fingerprints.load_fingerprints(con, batch, {article_id: days[article_id] for article_id in linked_before})
    similar = _find_similar(con, batch, texts)
    claims = links.load_claims(con, _claims(con, days), article_ids)
    claimed = find_days(con, _missing_ids(claims, texts))
    declared = declared_links(claims, texts | _read_texts(con, claimed))
    changed = links.load_links(con, [*similar, *declared], linked_before, load_id)
    changed |= _settle(con, changed)
    _cluster(con, changed | set(linked_before), set(article_ids) - set(linked_before))
    return stories.count_copies(con, article_ids)


def unlink_articles(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> None:
    """Remove all links, claims and fingerprints of articles that are about to be deleted."""
    fingerprints.delete_fingerprints(con, article_ids)
    links.load_claims(con, {}, article_ids)
    changed = links.load_links(con, [], article_ids, "")
    changed |= _settle(con, changed)
    _cluster(con, changed | set(article_ids), set())


def _find_similar(
    con: duckdb.DuckDBPyConnection, batch: Sequence[fingerprints.Hashed], texts: Texts
) -> list[DuplicateLink]:
    """Compare a batch with its candidates; only some of their texts are in memory at a time."""
    found: list[DuplicateLink] = []
    candidates = fingerprints.find_candidates(
        con, batch, window_days=WINDOW_DAYS, least_ratio=LEAST_SHARED_RATIO
    )
    for pairs in candidates.parts(most_texts=_TEXTS_AT_ONCE, most_pairs=_PAIRS_AT_ONCE):
        others = {member: pairs.days[member] for member in pairs.ids() if member not in texts}
        found += compare_pairs(pairs, {**texts, **_read_texts(con, others)})
    return sorted(found, key=lambda link: (link.a, link.b))


def compare_pairs(pairs: fingerprints.Candidates, texts: Texts) -> list[DuplicateLink]:
    """Return the links among pairs of articles, in the order of their ids."""
    may_link = _prefiltered(pairs, texts)
    members = ((pairs.members[a], pairs.members[b]) for a, b in zip(*may_link, strict=True))
    best = (best_link(texts[a], texts[b]) for a, b in sorted((min(pair), max(pair)) for pair in members))
    return [link for link in best if link]


def _prefiltered(pairs: fingerprints.Candidates, texts: Texts) -> tuple[list[int], list[int]]:
    """Return the pairs that may be linked; those of articles with many candidates by a cheap test."""
    n_pairs = np.bincount(np.concatenate([pairs.a, pairs.b]), minlength=len(pairs.members))
    is_kept = np.maximum(n_pairs[pairs.a], n_pairs[pairs.b]) < _MANY_CANDIDATES
    tested = np.flatnonzero(~is_kept)
    is_kept[tested] = _may_link(pairs.a[tested], pairs.b[tested], pairs.members, texts)
    return pairs.a[is_kept].tolist(), pairs.b[is_kept].tolist()


def _may_link(a: Rows, b: Rows, members: Sequence[str], texts: Texts) -> Mask:
    """Say for pairs of articles, as places among `members`, whether versions of their texts may be linked."""
    places, numbers = np.unique(np.concatenate([a, b]), return_inverse=True)
    versions = [texts[members[place]] for place in places.tolist()]
    n_versions = np.array([len(of_article) for of_article in versions], dtype=np.int64)
    first_row = np.cumsum(n_versions) - n_versions
    a, b = numbers[: len(a)], numbers[len(a) :]
    # One row for each pair of versions.
    n_rows = n_versions[a] * n_versions[b]
    pair = np.repeat(np.arange(len(a)), n_rows)
    number = np.arange(len(pair)) - np.repeat(np.cumsum(n_rows) - n_rows, n_rows)
    of_a, of_b = np.divmod(number, n_versions[b[pair]])
    crowd = Crowd([text.fingerprint for text in chain.from_iterable(versions)])
    may_link = prospects(crowd, first_row[a[pair]] + of_a, first_row[b[pair]] + of_b)
    return np.bincount(pair, may_link, minlength=len(a)) > 0


def _read_texts(con: duckdb.DuckDBPyConnection, days: Mapping[str, date]) -> dict[str, list[Text]]:
    texts: dict[str, list[Text]] = defaultdict(list)
    if days:
        for stored in fingerprints.find_texts(con, days):
            text = Text(stored.article_id, stored.published_on, fingerprint(stored.body))
            texts[stored.article_id].append(text)
    return dict(texts)


def _hashed(versions: Sequence[Text], days: Mapping[str, date]) -> fingerprints.Hashed:
    first = versions[0]
    hashes = stored_hashes([text.fingerprint for text in versions], is_dated=first.published_on is not None)
    return fingerprints.Hashed(first.article_id, days[first.article_id], first.published_on, hashes)


def _claims(con: duckdb.DuckDBPyConnection, days: Mapping[str, date]) -> dict[str, str]:
    """Return, by article, the article of another site that it declares as its canonical URL."""
    claims = {}
    for by, url, final_url, declared in links.find_declared(con, days):
        verdict = believed_canonical(url, final_url, declared)
        if verdict.is_syndication and verdict.url_key:
            claims[by] = article_id(verdict.url_key)
    return claims


def _missing_ids(pairs: Iterable[tuple[str, str]], texts: Texts) -> list[str]:
    return sorted({member for pair in pairs for member in pair if member not in texts})


def _settle(con: duckdb.DuckDBPyConnection, changed: set[str]) -> set[str]:
    """Decide again which of the articles are digests; return the articles whose relations changed."""
    parts = links.find_parts(con, sorted(changed))
    settled = clusters.settled_relations(link for link, _ in parts)
    present = {(link.a, link.b): relation for link, relation in parts}
    changed_relations: dict[tuple[str, str], Relation] = {
        pair: relation for pair, relation in settled.items() if relation is not present[pair]
    }
    links.set_relations(con, changed_relations)
    return {member for pair in changed_relations for member in pair}


def _cluster(con: duckdb.DuckDBPyConnection, touched: set[str], new_ids: set[str]) -> None:
    """Compute the stories of the touched articles from their links."""
    if not touched:
        return
    nodes, story_before, pairs = stories.find_story_parts(con, sorted(touched))
    parts = clusters.components(nodes, pairs)
    places = stories.find_places(con, [member for part in parts if len(part) > 1 for member in part])
    stories.load_stories(con, clusters.stories(parts, places), story_before, set(nodes) - new_ids)
