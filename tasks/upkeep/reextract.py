"""Archived pages through today's extraction, without the network: what would change, and the change.

Takes the place of poll and fetch. The report reads each item's latest page and writes nothing. Applying reads
all archived pages of the articles, removes what older rules made of them and loads them as if they were new,
one transaction per batch, with the old rows kept: the result is what a rebuild would give, and it can be
rolled back.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

import duckdb

from tasks.archive.reader import often_read, read_page
from tasks.domain.articles.changes import compare_articles
from tasks.extract import extract_pages
from tasks.load import article_ids, settle_articles
from tasks.recurring import learn_lines
from tasks.upkeep.page_identity import todays_page, unknown_refs
from tasks.upkeep.report import Fate, ItemOutcome, Report, Tally
from tasks.upkeep.steps import BatchRunner, InOrder, RunStep, call
from tasks.workers.extraction_pool import ExtractionPool
from warehouse.articles import load_batch
from warehouse.pages.stored_pages import (
    Choice,
    PageFamily,
    StoredItem,
    as_stored,
    count_items,
    find_article_keys,
    find_family,
    find_item_keys,
    find_items,
    find_page_sources,
)
from warehouse.publish import publish_snapshot
from warehouse.records.article import Article
from warehouse.records.outcome import Batch, Counts, Reject
from warehouse.records.page import ArchiveRef, Page
from warehouse.records.source import Source
from warehouse.rewrite.history import begin_replacing, finish_replacing, note_replaced
from warehouse.run_record import recorded_run
from warehouse.store.backend import store_of
from warehouse.store.connection import Home, open_store, read_store, transaction
from warehouse.store.days import find_days

ITEMS_PER_BATCH = 200
MAX_TRIES = 4

log = logging.getLogger("wirehouse.reextract")

Readings = Mapping[ArchiveRef, Article | Reject | str]  # a str says why the page cannot be read


@dataclass(frozen=True, slots=True)
class BatchContext:
    """What all batches of a re-extraction share."""

    home: Home
    sources: Mapping[str, Source]
    pool: ExtractionPool


@dataclass(frozen=True, slots=True)
class Applied:
    """What was found in one batch, and what it changed."""

    found: tuple[ItemOutcome, ...]
    counts: Counts = field(default_factory=Counts)


def count_choice(home: Home, choice: Choice) -> tuple[int, int]:
    """Return how many items there are to read, and how many articles have no archived page."""
    with read_store(home, owner="reextract") as con:
        return count_items(con, choice)


def find_batch(home: Home, choice: Choice, after: str) -> list[str]:
    """Return the URL keys of the next batch of items; empty at the end."""
    with read_store(home, owner="reextract") as con:
        return find_item_keys(con, choice, after=after, limit=ITEMS_PER_BATCH)


def find_batches(home: Home, choice: Choice) -> Iterator[list[str]]:
    """Yield the URL keys of all items, batch by batch."""
    after = ""
    while batch := find_batch(home, choice, after):
        yield batch
        after = batch[-1]


def compare_all(
    context: BatchContext, choice: Choice, run: RunStep = call, runner: BatchRunner | None = None
) -> Report:
    """Return what today's rules would change; nothing is written. `run` runs batches without a `runner`."""
    tally, (n_items, n_without_page) = Tally(), count_choice(context.home, choice)
    batches = ((keys,) for keys in find_batches(context.home, choice))
    for outcomes in (runner or InOrder(run)).each(compare_batch, context, batches):
        tally.add(outcomes)
        log.info("%d of %d pages read", tally.fates.total(), n_items)
    return tally.report(n_without_page)


def apply_all(
    context: BatchContext, choice: Choice, run: RunStep = call, runner: BatchRunner | None = None
) -> tuple[str, Report]:
    """Replace what older rules made of the items; return the run's id and what it changed.

    Idempotent: stopped half-way, what was replaced stays, and the same call continues.
    """
    tally, (n_items, n_without_page) = Tally(), count_choice(context.home, choice)
    parameters = choice_text(choice)
    with (
        store_of(context.home).exclusive("a re-extraction"),
        recorded_run(context.home, "reextract", parameters=parameters) as recorded,
    ):
        batches = ((recorded.run_id, keys) for keys in find_batches(context.home, choice))
        for applied in (runner or InOrder(run)).each(apply_batch, context, batches):
            tally.add(applied.found)
            recorded.add(applied.counts)
            log.info("%d of %d pages read and loaded", tally.fates.total(), n_items)
    return recorded.run_id, tally.report(n_without_page)


def apply_and_publish(
    context: BatchContext, choice: Choice, run: RunStep = call, runner: BatchRunner | None = None
) -> tuple[str, Report]:
    """Apply all, learn recurring lines from the new texts, and publish; return what `apply_all` returns."""
    run_id, report = apply_all(context, choice, run, runner)
    run(learn_lines, context.home, datetime.now(UTC))
    run(publish_snapshot, context.home)
    return run_id, report


def choice_text(choice: Choice) -> str:
    """Return a choice as a run's parameters, as JSON."""
    given = {name: value for name, value in asdict(choice).items() if value is not None}
    return json.dumps(given, default=str)


def compare_batch(context: BatchContext, url_keys: Sequence[str]) -> tuple[ItemOutcome, ...]:
    """Return what today's rules make of the items' latest pages; nothing is written."""
    with read_store(context.home, owner="reextract") as con:
        items = find_items(con, url_keys)
    return _compare(items, _read(context, [item.ref for item in items]))


def apply_batch(context: BatchContext, run_id: str, url_keys: Sequence[str]) -> Applied:
    """Replace what older rules made of the items by what today's make of them, in one transaction.

    An item with an unreadable page stays unchanged. Raises WarehouseError; the store is then as it was.
    """
    with read_store(context.home, owner="reextract") as con:
        items = find_items(con, url_keys)
    replaced = _try_batch(context, run_id, url_keys)
    if replaced is not None:
        counts, readings = replaced
        return Applied(_compare(items, readings), counts)
    if len(url_keys) == 1:  # the reason is that of an older page
        return Applied(tuple(_unreadable(item, "Not all of its pages can be read.") for item in items))
    parts = [apply_batch(context, run_id, [key]) for key in url_keys]
    return Applied(
        tuple(found for part in parts for found in part.found), sum((p.counts for p in parts), Counts())
    )


def _try_batch(context: BatchContext, run_id: str, url_keys: Sequence[str]) -> tuple[Counts, Readings] | None:
    """Replace the items' rows; return None when a page of one of them cannot be read.

    Pages that arrive meanwhile, and those of further articles that the pages lead to, are read as well.
    """
    keys, readings = set(url_keys), dict[ArchiveRef, Article | Reject | str]()
    for _ in range(MAX_TRIES):
        with read_store(context.home, owner="reextract") as con:
            family = find_family(con, keys)
        readings |= _read(context, [ref for ref in family.refs if ref not in readings])
        family_readings = {ref: readings[ref] for ref in family.refs}
        if family.n_bare or any(isinstance(reading, str) for reading in family_readings.values()):
            return None
        with open_store(context.home, owner=f"reextract run {run_id}") as con:
            articles = [r for r in family_readings.values() if isinstance(r, Article)]
            keys |= find_article_keys(con, article_ids(articles))
            if find_family(con, keys) == family:
                with transaction(con):
                    return _replace(con, run_id, family, family_readings), family_readings
    return None


def _replace(con: duckdb.DuckDBPyConnection, run_id: str, family: PageFamily, readings: Readings) -> Counts:
    articles = tuple(r for _, r in sorted_readings(readings) if isinstance(r, Article))
    rejects = tuple(r for _, r in sorted_readings(readings) if isinstance(r, Reject))
    begin_replacing(con, family)
    loaded = load_batch(con, Batch(run_id=run_id, articles=articles, rejects=rejects))
    replaced = finish_replacing(con, run_id, loaded.load_id, article_ids(articles))
    n_duplicates = settle_articles(
        con,
        loaded.load_id,
        changed=find_days(con, replaced.changed_ids),
        stored=find_days(con, article_ids(articles)),
        unlinked_ids=replaced.unlinked_ids,
    )
    counts = Counts(
        n_new=replaced.n_added,
        n_revised=replaced.n_replaced,
        n_unchanged=loaded.counts.n_new - replaced.n_added - replaced.n_replaced,
        n_duplicates=n_duplicates,
        n_rejects=replaced.n_removed,
    )
    note_replaced(con, loaded.load_id, counts)
    return counts


def sorted_readings(readings: Readings) -> list[tuple[ArchiveRef, Article | Reject | str]]:
    """Return the readings in the order of the archive, so that the same pages give the same batch."""
    return sorted(readings.items(), key=lambda item: (item[0].file, item[0].offset))


def _read(context: BatchContext, refs: Iterable[ArchiveRef]) -> Readings:
    """Return what today's rules make of archived pages."""
    readings: dict[ArchiveRef, Article | Reject | str] = {}
    pages: list[Page] = []
    archive, ordered = context.home.archive, sorted(set(refs), key=lambda ref: (ref.file, ref.offset))
    with archive.kept_local(often_read(ordered)):
        for ref in ordered:
            try:
                pages.append(read_page(archive, ref).page(ref))
            except (OSError, ValueError) as error:
                readings[ref] = f"Its page cannot be read from the archive: {error}"
        pages = _rename_pages(context, pages)
        extracted = extract_pages(pages, context.sources, archive, context.pool)
    results: tuple[Article | Reject, ...] = (*extracted.articles, *extracted.rejects)
    return readings | {reading.ref: reading for reading in results if reading.ref is not None}


def _rename_pages(context: BatchContext, pages: list[Page]) -> list[Page]:
    """Return the pages under today's source names and keys."""
    unknown = unknown_refs(pages, context.sources)
    sources: dict[ArchiveRef, str] = {}
    if unknown:
        with read_store(context.home, owner="reextract") as con:
            sources = find_page_sources(con, unknown)
    return [todays_page(page, sources) for page in pages]


def _compare(items: Iterable[StoredItem], readings: Readings) -> tuple[ItemOutcome, ...]:
    return tuple(_compare_item(item, readings[item.ref]) for item in items if item.ref in readings)


def _compare_item(item: StoredItem, reading: Article | Reject | str) -> ItemOutcome:
    before = item.article
    if isinstance(reading, str):
        return _unreadable(item, reading)
    url, source = reading.url or item.url_key, reading.source
    if isinstance(reading, Reject):
        fate = Fate.REFUSED if before is None else Fate.LOST
        return ItemOutcome(url, source, fate, reason=reading.reason, title=before.title if before else None)
    if before is None:
        return ItemOutcome(url, source, Fate.WON, reason=item.reason, title=reading.title)
    change = compare_articles(before, as_stored(reading))
    return (
        ItemOutcome(url, source, Fate.CHANGED, change)
        if change.fields
        else ItemOutcome(url, source, Fate.SAME)
    )


def _unreadable(item: StoredItem, reason: str) -> ItemOutcome:
    article = item.article
    return ItemOutcome(
        article.url if article else item.url_key,
        article.source if article else "",
        Fate.UNREADABLE,
        reason=reason,
    )
