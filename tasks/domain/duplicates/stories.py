"""Links -> stories: which articles carry the same text, and which links are explained by a digest."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from tasks.domain.duplicates.compare import may_be_in_digest
from warehouse.records.article import DuplicateLink, Relation

_OVERLAP_SHINGLES = 5  # two stories of a digest may share the line between them


def components(nodes: Iterable[str], pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the connected components, each sorted, in the order of their first member."""
    parent = {node: node for node in nodes}

    def root(node: str) -> str:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in pairs:
        parent[root(a)] = root(b)
    members: dict[str, list[str]] = defaultdict(list)
    for node in sorted(parent):
        members[root(node)].append(node)
    return list(members.values())


def stories(parts: Sequence[Sequence[str]], places: Mapping[str, tuple[Any, str]]) -> dict[str, str]:
    """Return each member's story, named by its earliest published member; single articles have none."""
    story_of: dict[str, str] = {}
    for members in parts:
        if len(members) > 1:
            story = min(members, key=lambda member: places[member])
            story_of |= dict.fromkeys(members, story)
    return story_of


def settled_relations(links: Iterable[DuplicateLink]) -> dict[tuple[str, str], Relation]:
    """Return the relation of each link, given the other links.

    A text that contains others in separate places is a digest: each is part of it, even the first, which
    alone would look like a copy cut from the bottom.
    """
    inside: dict[str, list[DuplicateLink]] = defaultdict(list)
    relations = {}
    for link in links:
        relations[link.a, link.b] = link.relation
        if may_be_in_digest(link):
            inside[link.a if link.measures["a_is_longer"] else link.b].append(link)
    for parts in inside.values():
        if any(_is_apart(x, y) for x, y in combinations(parts, 2)):
            relations |= {(part.a, part.b): Relation.PART_OF for part in parts}
    return relations


def _is_apart(x: DuplicateLink, y: DuplicateLink) -> bool:
    start = max(x.measures["part_from"], y.measures["part_from"])
    end = min(x.measures["part_to"], y.measures["part_to"])
    return end <= start + _OVERLAP_SHINGLES
