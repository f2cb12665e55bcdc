"""The commands `sources add` and `sources try`: what a site offers, shown before it is written."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.inspection.feeds import entry_lines
from flows.terminal.options import (
    ConfigOption,
    HomeOption,
    JsonOption,
    config_path,
    home_path,
    is_interactive,
)
from flows.terminal.output import print_json_line
from flows.terminal.questions import confirm
from flows.terminal.values import visible
from warehouse.wording import plural

if TYPE_CHECKING:
    from tasks.domain.feeds.document import FeedItem
    from tasks.domain.source_list.draft import SourceDraft
    from tasks.inspection.discover import SiteReader
    from tasks.sources import Sources

AllowOption = Annotated[
    list[str] | None,
    typer.Option(help="HOST:PORT of a non-public address that the SSRF guard admits for this source."),
]


def add(
    urls: Annotated[
        list[str], typer.Argument(metavar="URL", help="Front pages of sites, or feeds; one source for each.")
    ],
    name: Annotated[
        str | None, typer.Option(help="The source's name; derived from the URL by default.")
    ] = None,
    allow: AllowOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the entries without writing them.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write a proposed listing without asking.")] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Discover the feeds, sitemaps and language of sites, and add them to the source list.

    For a site without a feed or sitemap, a listing is proposed from the structure of its page and shown with
    the entries that it gives. It is written after confirmation or with --yes.
    """
    from tasks.errors import UsageError
    from tasks.inspection.source_file import read_existing

    path = config_path(config)
    sources = read_existing(path)
    if name is not None and len(urls) > 1:
        raise UsageError("--name: names one source, but several URLs are given. Add that one by itself.")
    if name in sources.by_name():
        raise UsageError(f"--name: a source '{name}' exists already. Choose another name.")
    failures: list[str] = []
    with _site_reader(sources, tuple(allow or ()), home) as site:
        for url in urls:
            try:
                draft = _discovered(url, site, path, name)
                _show(draft, as_json=as_json)
                if not _is_added(path, draft, dry_run=dry_run, yes=yes):
                    failures.append(url)
            except UsageError as error:
                if len(urls) == 1:
                    raise
                failures.append(url)
                typer.echo(visible(f"! {error}"), err=True)
    if len(urls) > 1:
        typer.echo(f"{plural(len(urls) - len(failures), 'source')} of {len(urls)} added.", err=True)
    if failures:
        raise typer.Exit(1)


def try_listing(
    url: Annotated[str, typer.Argument(metavar="URL", help="A page that lists articles.")],
    item: Annotated[
        str | None, typer.Option(help="CSS selector of one entry; without it, selectors are proposed.")
    ] = None,
    link: Annotated[str, typer.Option(help="Selector of the link inside the entry.")] = "a",
    title: Annotated[str | None, typer.Option(help="Selector of the headline inside the entry.")] = None,
    date: Annotated[str | None, typer.Option(help="Selector of the date inside the entry.")] = None,
    following: Annotated[
        str | None, typer.Option("--next", help="Selector of the link to older entries.")
    ] = None,
    allow: AllowOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the entries that the selectors of a listing give on a page. Nothing is written."""
    from tasks.domain.source_list.draft import listing_lines
    from tasks.errors import FeedFormatError, ItemError, UsageError
    from tasks.inspection.discover import check_selectors, read_listing
    from tasks.inspection.feed_check import shown_item
    from tasks.inspection.source_file import read_existing
    from warehouse.records.source import ListingRules

    rules = ListingRules(item, link, title, date, following) if item else None
    if rules is not None:
        check_selectors(rules)
    with _site_reader(read_existing(config_path(config)), tuple(allow or ()), home) as site:
        try:
            page = site.fetch_page(_with_scheme(url))
            proposed = rules or site.parser.propose(site.job(page))
            if isinstance(proposed, FeedFormatError):
                raise proposed
            listing = read_listing(site, page, proposed) if proposed else None
        except ItemError as error:
            raise UsageError(f"{url}: {error.reason}") from error
    items = listing.entries if listing is not None and not isinstance(listing, FeedFormatError) else ()
    if as_json:
        entries = [shown_item(entry) for entry in items]
        print_json_line({"url": page.final_url, "listing": proposed and asdict(proposed), "entries": entries})
    elif proposed is not None:
        typer.echo("\n".join([f'url = "{page.final_url}"', 'kind = "listing"', *listing_lines(proposed)]))
        _echo_entries(items)
    if isinstance(listing, FeedFormatError):
        typer.echo(visible(f"! {listing.reason}"), err=True)
    if proposed is None:
        typer.echo("The page repeats no list of articles. Name selectors with --item and --link.", err=True)
    if not items:
        raise typer.Exit(1)


@contextmanager
def _site_reader(sources: "Sources", allow: tuple[str, ...], home: Path | None) -> "Iterator[SiteReader]":
    from tasks.http_client.client import HttpClient
    from tasks.inspection.discover import SiteReader
    from tasks.workers.feed_parser import FeedParser
    from warehouse.cluster.place import find_leases

    hosts_dir = home_path(home) / "state" / "hosts"
    with (
        FeedParser(1) as parser,
        HttpClient(hosts_dir=hosts_dir, contact=sources.contact, leases=find_leases()) as client,
    ):
        yield SiteReader(client, parser, allow, datetime.now(UTC))


def _discovered(url: str, site: "SiteReader", path: Path, name: str | None) -> "SourceDraft":
    from tasks.errors import ItemError, UsageError
    from tasks.inspection.discover import discover_source
    from tasks.inspection.source_file import find_listed, read_existing

    sources = read_existing(path)
    try:
        draft = discover_source(_with_scheme(url), site, taken=set(sources.by_name()))
    except ItemError as error:
        raise UsageError(f"{url}: {error.reason}") from error
    owners = find_listed(sources, [feed.url for feed in draft.feeds])
    if draft.feeds and draft.feeds[0].url in owners:
        raise UsageError(f"{path}: source '{owners[draft.feeds[0].url]}' has this feed already.")
    feeds = tuple(feed for feed in draft.feeds if feed.url not in owners)
    return replace(draft, name=name or draft.name, feeds=feeds)


def _show(draft: "SourceDraft", *, as_json: bool) -> None:
    from tasks.domain.source_list.draft import draft_toml

    typer.echo(
        json.dumps(asdict(draft), ensure_ascii=False, default=str) if as_json else draft_toml(draft),
        nl=as_json,
    )
    for note in draft.notes:
        typer.echo(visible(note), err=True)
    if draft.is_proposal and not as_json:
        _echo_entries(draft.preview)


def _is_added(path: Path, draft: "SourceDraft", *, dry_run: bool, yes: bool) -> bool:
    """Write a draft that has a feed, a proposed listing after confirmation; say whether it was accepted."""
    from tasks.inspection.source_file import append_sources

    if not draft.feeds:
        return False
    if dry_run:
        return True
    if draft.is_proposal and not yes:
        if not is_interactive():
            typer.echo("Nothing was written. To write the proposed listing, add --yes.", err=True)
            return False
        confirm(f"Add '{draft.name}' with this listing?", yes=False)
    append_sources(path, [draft])
    typer.echo(f"Added '{draft.name}' to {path}.", err=True)
    return True


def _echo_entries(items: "tuple[FeedItem, ...]") -> None:
    from tasks.inspection.feed_check import shown_item

    for line in entry_lines([shown_item(item) for item in items]):
        typer.echo(visible(line))


def _with_scheme(url: str) -> str:
    return url if "://" in url else f"https://{url}"
