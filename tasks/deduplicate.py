"""New articles + stored candidates -> links and stories; after the articles of a batch are stored.

Runs inside the load's transaction. What it leaves is a function of the set of stored texts and days, never
of the order or size of batches: each pair is compared by itself, in whichever batch its second article
comes, and stories are the connected components of the links.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import duckdb
import numpy as np

from tasks.domain.duplicates import stories as clusters
from tasks.domain.duplicates.compare import LEAST_SHARED_RATIO, WINDOW_DAYS, Text, best_link, declared_links
from tasks.domain.duplicates.fingerprint import fingerprint, stored_hashes
from tasks.domain.duplicates.prefilter import Crowd, prospects
from tasks.domain.urls.key import article_id, believed_canonical
from warehouse import fingerprints, links, stories
from warehouse.records import DuplicateLink, Relation

Texts = Mapping[str, list[Text]]
_TEXTS_AT_ONCE, _PAIRS_AT_ONCE = 4_000, 100_000
_MANY_CANDIDATES = 8  # for fewer, comparing at once costs less


def link_articles(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str], load_id: str) -> int:
    """Link new and changed articles to their copies; return how many of them are copies of another.

    A copy is an article that another one, published earlier, stands for.
    """
    if not article_ids:
        return 0
    texts = _read_texts(con, article_ids)
    linked_before = fingerprints.find_linked_before(con, article_ids, load_id)
    batch = [_hashed(versions) for versions in texts.values()]
    fingerprints.load_fingerprints(con, batch, linked_before)
    found = _similar(con, batch, texts)
    claims = links.load_claims(con, _claims(con, article_ids), article_ids)
    found += declared_links(claims, texts | _read_texts(con, _others(claims, texts)))
    changed = links.load_links(con, found, linked_before, load_id)
    changed |= _settle(con, changed)
    _cluster(con, changed | set(linked_before), set(article_ids) - set(linked_before))
    return stories.count_copies(con, article_ids)


def unlink_articles(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> None:
    """Forget all that is known of the articles' copies, before the articles themselves go."""
    fingerprints.load_fingerprints(con, [], article_ids)
    links.load_claims(con, {}, article_ids)
    changed = links.load_links(con, [], article_ids, "")
    changed |= _settle(con, changed)
    _cluster(con, changed | set(article_ids), set())


def _similar(
    con: duckdb.DuckDBPyConnection, batch: Sequence[fingerprints.Hashed], texts: Texts
) -> list[DuplicateLink]:
    """Compare a batch with what it may be like; the texts of some candidates at a time are in memory."""
    found = []
    candidates = fingerprints.find_candidates(
        con, batch, window_days=WINDOW_DAYS, least_ratio=LEAST_SHARED_RATIO
    )
    for pairs in candidates.parts(most_texts=_TEXTS_AT_ONCE, most_pairs=_PAIRS_AT_ONCE):
        found += compare_pairs(pairs, {**texts, **_read_texts(con, _others(pairs, texts))})
    return sorted(found, key=lambda link: (link.a, link.b))


def compare_pairs(pairs: Iterable[tuple[str, str]], texts: Texts) -> list[DuplicateLink]:
    """Return the links among pairs of articles, in the order of their ids."""
    found = (best_link(texts[a], texts[b]) for a, b in sorted(_worthwhile(list(pairs), texts)))
    return [link for link in found if link]


def _worthwhile(pairs: list[tuple[str, str]], texts: Texts) -> Iterator[tuple[str, str]]:
    """Leave out pairs that a cheap look at all candidates of an article together shows to be none."""
    others = _by_busier(pairs)
    many = {one for one, members in others.items() if len(members) >= _MANY_CANDIDATES}
    looked_at = [
        text for member in sorted({*chain(*(others[one] for one in many))}) for text in texts[member]
    ]
    crowd = Crowd([text.fingerprint for text in looked_at]) if many else None
    rows = defaultdict(list)
    for row, text in enumerate(looked_at):
        rows[text.article_id].append(row)
    for one, members in others.items():
        kept: Iterable[str] = members
        if crowd and one in many:
            at = np.array([row for member in members for row in rows[member]])
            may_link = np.any([prospects(text.fingerprint, crowd, at) for text in texts[one]], axis=0)
            kept = {looked_at[row].article_id for row in at[may_link].tolist()}
        yield from ((min(one, other), max(one, other)) for other in kept)


def _by_busier(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the pairs by that article of each which has more of them."""
    n_pairs = Counter(member for pair in pairs for member in pair)
    others: dict[str, list[str]] = defaultdict(list)
    for a, b in pairs:
        one, other = (a, b) if (n_pairs[a], a) > (n_pairs[b], b) else (b, a)
        others[one].append(other)
    return others


def _read_texts(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> dict[str, list[Text]]:
    texts: dict[str, list[Text]] = defaultdict(list)
    if article_ids:
        for stored in fingerprints.find_texts(con, article_ids):
            text = Text(stored.article_id, stored.published_on, fingerprint(stored.body))
            texts[stored.article_id].append(text)
    return dict(texts)


def _hashed(versions: Sequence[Text]) -> fingerprints.Hashed:
    first = versions[0]
    hashes = stored_hashes([text.fingerprint for text in versions], is_dated=first.published_on is not None)
    return fingerprints.Hashed(first.article_id, first.published_on, hashes)


def _claims(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> dict[str, str]:
    """Return the article of another site that an article declares as its canonical address."""
    claims = {}
    for by, url, final_url, declared in links.find_declared(con, article_ids):
        verdict = believed_canonical(url, final_url, declared)
        if verdict.is_syndication and verdict.url_key:
            claims[by] = article_id(verdict.url_key)
    return claims


def _others(pairs: Iterable[tuple[str, str]], texts: Texts) -> list[str]:
    return sorted({member for pair in pairs for member in pair if member not in texts})


def _settle(con: duckdb.DuckDBPyConnection, changed: set[str]) -> set[str]:
    """Look at the digests among the articles again; return the articles whose relations are now others."""
    parts = links.find_parts(con, sorted(changed))
    settled = clusters.settled_relations(link for link, _ in parts)
    present = {(link.a, link.b): relation for link, relation in parts}
    other: dict[tuple[str, str], Relation] = {
        pair: relation for pair, relation in settled.items() if relation is not present[pair]
    }
    links.set_relations(con, other)
    return {member for pair in other for member in pair}


def _cluster(con: duckdb.DuckDBPyConnection, touched: set[str], new_ids: set[str]) -> None:
    """Make the stories of the touched articles anew from their links."""
    if not touched:
        return
    nodes, had, pairs = stories.find_story_parts(con, sorted(touched))
    parts = clusters.components(nodes, pairs)
    places = stories.find_places(con, [member for part in parts if len(part) > 1 for member in part])
    stories.load_stories(con, clusters.stories(parts, places), had, set(nodes) - new_ids)
