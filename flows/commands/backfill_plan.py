"""What `backfill --dry-run` prints: which indexes were read, what is left to fetch, how long it takes."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import typer

from tasks.backfill.run import open_past
from tasks.backfill.walk import Days, Index
from tasks.http_client.client import HttpClient
from tasks.sources import Sources
from tasks.workers.feed_parser import FeedParser
from warehouse.records import Source
from warehouse.store.connection import Home


def print_plan(
    home: Path,
    sources: Sources,
    source: Source,
    days: Days,
    via: str | None,
    urls: Path | None,
    *,
    as_json: bool,
) -> None:
    """Read the indexes of a range, ask for no article, and print the plan."""
    where = Home(home)
    with (
        HttpClient(hosts_dir=where.hosts_dir, contact=sources.contact) as client,
        FeedParser() as parser,
        open_past(where, client, parser, source, days, via, urls_file=urls) as past,
    ):
        n_archived = sum(len(batch.pages) for batch in past.archived())
        indexes = list(past.indexes())
    plan = plan_of(indexes, n_archived, source.delay_s)
    if as_json:
        typer.echo(json.dumps(plan, ensure_ascii=False))
        return
    for way in plan["ways"]:
        typer.echo("{way}: {indexes} index pages name {named} pages, {requests} to fetch".format(**way))
    for problem in plan["problems"]:
        typer.echo(f"! {problem}")
    typer.echo(f"Archived already, to be read again without a request: {n_archived}")
    typer.echo(
        f"To fetch: {plan['requests']} pages, one in {source.delay_s:g} s: {plan['seconds'] / 60:.0f} min. "
        "Pages whose index gives no date are fetched to learn it."
    )


def plan_of(indexes: list[Index], n_archived: int, delay_s: float) -> dict[str, Any]:
    """Return the plan as an object: ways, requests, archived, seconds, problems."""
    n_indexes: Counter[str] = Counter(index.way.value for index in indexes)
    ways = [
        {
            "way": way,
            "indexes": n,
            "named": sum(index.n_entries for index in indexes if index.way == way),
            "requests": sum(len(index.requests) for index in indexes if index.way == way),
        }
        for way, n in n_indexes.items()
    ]
    n_requests = sum(len(index.requests) for index in indexes)
    problems = [f"{index.url}: {index.reject.reason}" for index in indexes if index.reject]
    return {
        "ways": ways,
        "requests": n_requests,
        "archived": n_archived,
        "seconds": round(n_requests * delay_s, 1),
        "problems": problems,
    }
