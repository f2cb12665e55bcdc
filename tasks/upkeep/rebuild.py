"""The whole warehouse made again from its archive and sources.toml, by today's rules, beside the old store.

Scheduled runs continue: what they archive is read in further rounds, the last one under the writer's
lock. Then what no page holds is carried over, and one rename puts the new store in the old one's place.
Killed before that, the old store is untouched and the next rebuild starts from scratch. With a runner, pages
are extracted on other machines; this one finds them and loads the results.
"""

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

import duckdb

from tasks.archive.reader import often_read, read_file, read_page
from tasks.archive.replay import damage_reject
from tasks.archive.scan import Damage
from tasks.domain.articles.imported import is_imported
from tasks.extract import Extracted, extract_pages
from tasks.fetch import fetch_row
from tasks.load import settle_articles, store_batch
from tasks.recurring import learn_lines
from tasks.sources import Sources
from tasks.upkeep.page_identity import todays_page, unknown_refs
from tasks.upkeep.reextract import BatchContext
from tasks.upkeep.steps import BatchRunner, InOrder, call
from tasks.workers.extraction_pool import ExtractionPool
from warehouse.invariants import count_rows
from warehouse.pages.archive_files import load_checked_files
from warehouse.pages.stored_pages import find_page_sources
from warehouse.publish import publish_snapshot
from warehouse.records.outcome import Batch, Counts, Reject
from warehouse.records.page import ArchiveRef, Page
from warehouse.rejects import count_open_rejects
from warehouse.rewrite.carry import OLD_SCHEMA, carry_over, settle_stories
from warehouse.rewrite.rebuild import (
    add_pages,
    begin_pages,
    clear_fresh,
    find_left_out,
    find_missed,
    finish_pages,
    fold_log,
    fresh_home,
    old_attached,
    seed,
    set_aside,
    swap_store,
)
from warehouse.run_record import RecordedRun, recorded_run
from warehouse.runs import load_load, new_load_id
from warehouse.sources import load_sources
from warehouse.store.backend import store_of
from warehouse.store.connection import Home, open_store, transaction
from warehouse.store.days import find_days
from warehouse.store.file.lock import writer_lock
from warehouse.store.filesystem import MIN_FREE_BYTES, assert_room
from warehouse.store.progress import report_progress

PAGES_PER_BATCH = 400
ROUNDS = 4  # through the archive, before the last under the writer's lock

log = logging.getLogger("wirehouse.rebuild")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did."""

    run_id: str
    n_pages: int
    n_articles: int
    n_rejects: int
    n_carried: int  # articles whose pages are not in the archive; unchanged
    n_damaged: int  # damaged places in archive files, each an open reject
    seconds: float


@dataclass(slots=True)
class _Build:
    """A rebuild in progress."""

    home: Home
    fresh: Home
    context: BatchContext
    runner: BatchRunner
    run: RecordedRun
    has_old: bool
    left_out: set[tuple[str, int]]
    read_to: dict[str, int] = field(default_factory=dict)  # by file: offset of the last page that was read
    sizes: dict[str, int] = field(default_factory=dict)  # by file: its bytes when it was read to its end
    n_files: int = 0  # of the archive, when the rebuild began
    n_pages: int = 0
    damage: dict[tuple[str, int], Reject] = field(default_factory=dict)  # by file and first byte


def rebuild(
    home: Home,
    sources: Sources,
    *,
    without_old: bool = False,
    pool: ExtractionPool | None = None,
    runner: BatchRunner | None = None,
) -> Rebuilt:
    """Build a new store from the archive, put it in the old one's place and publish it.

    `without_old` takes nothing from the old store, which is set aside unread: for a damaged one. `pool` is an
    open pool to use, `runner` extracts on other machines in its place. Raises WarehouseError; the old store
    is then as it was.
    """
    started_at = datetime.now(UTC)
    assert not home.has_lake, "see rebuild_lake"
    with store_of(home).exclusive("a rebuild"), ExitStack() as stack:
        has_old = home.state_file.exists() and not without_old
        if has_old:
            with open_store(home, owner="rebuild"):  # report a damaged store before hours of work
                assert_room(home.state_dir, home.state_file.stat().st_size + MIN_FREE_BYTES, "a rebuild")
        clear_fresh(home)
        context = BatchContext(home, sources.by_name(), pool or stack.enter_context(ExtractionPool()))
        build, n_carried = _build_store(context, sources, runner or InOrder(call), has_old)
        with open_store(home, owner="rebuild") as con:
            n_articles, n_rejects = count_rows(con)["article"], count_open_rejects(con)
        if not has_old:
            learn_lines(home, datetime.now(UTC))
        publish_snapshot(home)
    seconds = round((datetime.now(UTC) - started_at).total_seconds(), 1)
    return Rebuilt(
        build.run.run_id, build.n_pages, n_articles, n_rejects, n_carried, len(build.damage), seconds
    )


def _build_store(
    context: BatchContext, sources: Sources, runner: BatchRunner, has_old: bool
) -> tuple[_Build, int]:
    """Fill the new store and exchange the two; return the build and how many articles were carried over."""
    home = context.home
    fresh = fresh_home(home)
    with ExitStack() as no_writer:
        with recorded_run(fresh, "rebuild") as run:
            left_out = _begin(home, fresh, sources, has_old)
            build = _Build(home, fresh, context, runner, run, has_old, left_out)
            _read_archive(build)
            no_writer.enter_context(writer_lock(home, "rebuild", wait_s=600))
            carried = _finish(build)
        fold_log(fresh)
        if not has_old:
            set_aside(home)
        swap_store(home)
    return build, len(carried)


def _begin(home: Home, fresh: Home, sources: Sources, has_old: bool) -> set[tuple[str, int]]:
    """Fill the new store with what a load of pages reads; return the pages that were left out."""
    with open_store(fresh, owner="rebuild") as con:
        if has_old:
            seed(con, home)
        load_sources(con, sources.sources)
        begin_pages(con)
        return find_left_out(con, home) if has_old else set()


def _read_archive(build: _Build) -> None:
    """Read all pages; those that arrive meanwhile in further rounds."""
    for _ in range(ROUNDS):
        n_before = build.n_pages
        build.n_files = sum(1 for _ in build.home.pages_dir.rglob("*.warc.gz"))
        _load_pages(build, _new_pages(build))
        if build.n_pages - n_before < PAGES_PER_BATCH:
            break
    if build.has_old:  # a walk may miss pages in a damaged file; the old store knows where they are
        with open_store(build.fresh, owner="rebuild") as con:
            missed = find_missed(con, build.home)
        _load_pages(build, _readable(build.home, missed))


def _new_pages(build: _Build) -> Iterator[Page]:
    """Yield the pages that were not read yet, file by file in the order of time."""
    for name, n_bytes in build.home.archive.find_sizes().items():
        if n_bytes == build.sizes.get(name):
            continue
        start = build.read_to.get(name, 0)
        for item in read_file(build.home.archive, name, start):
            if isinstance(item, Damage):
                _note_damage(build, name, item)
                continue
            ref, archived = item
            if ref.offset > start or not start:
                build.read_to[name] = ref.offset
                yield archived.page(ref)
        build.sizes[name] = n_bytes


def _note_damage(build: _Build, name: str, damage: Damage) -> None:
    log.warning("'%s', bytes %s: %s", name, damage.byte_range, damage.reason)
    if not damage.is_tail or damage.capture:
        build.damage[name, damage.offset] = damage_reject(name, damage, datetime.now(UTC))


def _readable(home: Home, refs: Iterable[ArchiveRef]) -> Iterator[Page]:
    for ref in refs:
        try:
            yield read_page(home.archive, ref).page(ref)
        except (OSError, ValueError) as error:
            log.info("The page in %s at byte %d cannot be read: %s", ref.file, ref.offset, error)


def _load_pages(build: _Build, pages: Iterator[Page]) -> None:
    """Extract pages and load the results, batch by batch in their order."""
    under_way: deque[list[Page]] = deque()

    def find_wanted() -> Iterator[tuple[tuple[Page, ...]]]:
        while batch := _rename_pages(build, list(islice(pages, PAGES_PER_BATCH))):
            under_way.append(batch)
            yield (tuple(page for page in batch if (page.ref.file, page.ref.offset) not in build.left_out),)

    for extracted in build.runner.each(extract_archived, build.context, find_wanted()):
        _load_batch(build, under_way.popleft(), extracted)


def extract_archived(context: BatchContext, pages: Sequence[Page]) -> Extracted:
    """Return what today's rules make of pages in the archive; a step of a runner."""
    with context.home.archive.kept_local(often_read(page.ref for page in pages)):
        return extract_pages(pages, context.sources, context.home.archive, context.pool)


def _load_batch(build: _Build, batch: list[Page], extracted: Extracted) -> None:
    fetches = tuple(fetch_row(page) for page in batch if not is_imported(page))
    loaded = Batch(build.run.run_id, fetches, extracted.articles, extracted.rejects)
    build.run.add(store_batch(build.fresh, loaded, owner="rebuild"))
    with open_store(build.fresh, owner="rebuild") as con:
        add_pages(con, [page.ref for page in batch])
    build.n_pages += len(batch)
    n_new, file = build.run.counts.n_new, batch[-1].ref.file
    report_progress("archive files", len(build.read_to), build.n_files)
    log.info("%d pages read, %d articles; reading %s", build.n_pages, n_new, file)


def _rename_pages(build: _Build, pages: list[Page]) -> list[Page]:
    """Return the pages under today's names and keys; the old store knows renamed sources."""
    unknown = unknown_refs(pages, build.context.sources)
    sources: dict[ArchiveRef, str] = {}
    if unknown and build.has_old:
        with open_store(build.fresh, owner="rebuild") as con, old_attached(con, build.home):
            sources = find_page_sources(con, unknown, OLD_SCHEMA)
    return [todays_page(page, sources) for page in pages]


def _finish(build: _Build) -> list[str]:
    """Read the last pages and take in what no page holds; return the articles that were carried over.

    The caller holds the writer's lock of the old store.
    """
    _load_pages(build, _new_pages(build))
    if build.damage:
        rejects = Batch(build.run.run_id, rejects=tuple(build.damage.values()))
        build.run.add(store_batch(build.fresh, rejects, owner="rebuild"))
    if build.has_old:
        fold_log(build.home)
    with open_store(build.fresh, owner="rebuild") as con, ExitStack() as stack:
        if build.has_old:
            stack.enter_context(old_attached(con, build.home))
        with transaction(con):
            return _settle(con, build)


def _settle(con: duckdb.DuckDBPyConnection, build: _Build) -> list[str]:
    carried = carry_over(con) if build.has_old else []
    load_id = new_load_id(con, "rebuild0")
    days = find_days(con, carried)
    settle_articles(con, load_id, changed=days, stored=days)
    if build.has_old:
        settle_stories(con)
    finish_pages(con)
    complete = {
        name: n_bytes
        for name, n_bytes in build.sizes.items()
        if not build.home.archive.is_being_written(name)
    }
    load_checked_files(con, complete, datetime.now(UTC))
    load_load(
        con,
        load_id,
        build.run.run_id,
        kind="data",
        batch_sha256=f"rebuild {build.run.run_id}",
        counts=Counts(),
        totals=count_rows(con),
    )
    return carried
