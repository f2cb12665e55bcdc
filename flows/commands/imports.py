"""The `import` command: load articles or captured pages from files, without Prefect."""

import time
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.terminal.options import (
    ConfigOption,
    HomeOption,
    JsonOption,
    config_path,
    home_path,
    parse_day,
)
from flows.terminal.output import print_json_line
from flows.terminal.values import visible
from flows.terminal.warc import print_preview
from warehouse.wording import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.captures.saved_pages import SavedFrom
    from tasks.captures.store import CaptureFiles
    from tasks.imports.import_warc import WarcFilter
    from tasks.sources import Sources
    from warehouse.records.outcome import Counts


def _day_option(text: str) -> Any:
    return typer.Option(parser=parse_day, metavar="YYYY-MM-DD", help=text)


def import_articles(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="A .jsonl, .csv, .tsv (each also .gz), .parquet or WARC file, a saved page (.html, .mhtml) "
            "or a folder of them; - is standard input.",
        ),
    ],
    earliest: Annotated[
        date | None, _day_option("Rows: reject earlier publication dates (default 1990-01-01).")
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(help="WARC, pages: only this host and those below it; repeat for several."),
    ] = None,
    since: Annotated[
        date | None, _day_option("WARC, pages: only articles published on this day or later.")
    ] = None,
    until: Annotated[
        date | None, _day_option("WARC, pages: only articles published on this day or earlier.")
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(help="WARC, pages: only articles in this language (en); repeat for several."),
    ] = None,
    urls: Annotated[
        Path | None,
        typer.Option(help="Saved pages: a file with the columns file and url, and fetched_at if known."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="WARC, pages: read all, store nothing, print the outcomes.")
    ] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load articles from files of rows, the pages of WARC files such as CC-NEWS, or saved pages.

    Rows have the columns url, title, body, published, source and language. A row without URL or text, or with
    an invalid, relative or future date, becomes a reject. Each record of a WARC file and each file of a
    folder is counted by outcome; a page belongs to the source with its registrable domain, else to a new one.
    A saved page needs its URL: from --urls, from the program that saved it, or its canonical URL. All go
    through the same archive, URL keys, deduplication and load as fetched pages, and can be queried when the
    command ends.
    Rejects give exit code 1. Importing the same file again changes nothing.
    """
    from flows.terminal.standard_input import standard_input_as_file
    from tasks.imports.import_warc import parse_filter

    wanted = parse_filter(host or (), since, until, language or ())
    with standard_input_as_file(files) as files:
        captured = [path for path in files if _has_pages(path)]
        rows = [path for path in files if path not in captured]
        _check_options(rows, wanted, urls, dry_run=dry_run)
        n_rejects = sum(_import_rows(home_path(home), path, earliest, as_json=as_json) for path in rows)
        if captured:
            n_rejects += _import_pages(
                home_path(home), captured, config, wanted, urls, dry_run=dry_run, as_json=as_json
            )
    if n_rejects:
        raise typer.Exit(1)


def _has_pages(path: Path) -> bool:
    """Say whether a file or folder has pages: by its name, else whether it is WARC. Raises UsageError."""
    from tasks.captures.pages import check_warc
    from tasks.captures.records import has_warc_name, looks_like_warc
    from tasks.captures.saved_pages import check_saved_pages, is_saved_page
    from tasks.errors import UsageError
    from tasks.imports.rows import has_rows

    if not path.exists():
        raise UsageError(f"'{path}': no such file. Check the path.")
    if path.is_dir() or is_saved_page(path):
        check_saved_pages(path)
        return True
    if has_warc_name(path):
        check_warc(path)
        return True
    return path.is_file() and not has_rows(path) and looks_like_warc(path)


def _check_options(rows: list[Path], wanted: "WarcFilter", urls: Path | None, *, dry_run: bool) -> None:
    from tasks.errors import UsageError
    from tasks.imports.import_warc import WarcFilter

    if rows and (dry_run or urls or wanted != WarcFilter()):
        raise UsageError(
            f"'{rows[0]}' is neither a WARC file nor a saved page: --host, --since, --until, --language, "
            "--urls and --dry-run need one. Import it without them."
        )


# --- rows ------------------------------------------------------------------------------------


def _import_rows(home: Path, path: Path, earliest: date | None, *, as_json: bool) -> int:
    """Import one file of rows, print what changed, and return the number of rejects."""
    from tasks.imports.import_file import EARLIEST_ON, import_file
    from warehouse.store.connection import Home

    started = time.monotonic()
    counts = import_file(Home.of(home), path, now=datetime.now(UTC), earliest_on=earliest or EARLIEST_ON)
    _print_rows(path, counts, time.monotonic() - started, as_json=as_json)
    return counts.n_rejects


def _print_rows(file: Path, counts: "Counts", duration_s: float, *, as_json: bool) -> None:
    if as_json:
        print_json_line(
            {
                "rows": counts.n_entries,
                "new": counts.n_new,
                "revised": counts.n_revised,
                "unchanged": counts.n_unchanged,
                "duplicates": counts.n_duplicates,
                "rejects": counts.n_rejects,
                "seconds": round(duration_s, 2),
            }
        )
        return
    typer.echo(
        f"{file.name}: {plural(counts.n_entries, 'row')}: {counts.n_new:,} new, "
        f"{counts.n_revised:,} revised, {counts.n_unchanged:,} unchanged, "
        f"{plural(counts.n_duplicates, 'duplicate')}, {plural(counts.n_rejects, 'reject')}; "
        f"{duration_s:.1f} s"
    )
    if counts.n_rejects:
        typer.echo("To list the rejects with their reasons: wirehouse rejects list", err=True)


# --- pages of WARC files and folders ---------------------------------------------------------


def _import_pages(
    home: Path,
    paths: list[Path],
    config: Path | None,
    wanted: "WarcFilter",
    urls: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Import WARC files and saved pages, print what became of each, and return the number of rejects."""
    from tasks.imports.import_warc import import_warc, warc_files
    from warehouse.store.connection import Home

    started = time.monotonic()
    sources = _read_sources(config)
    listed, n_missing = _read_urls(urls, paths)
    files = warc_files(paths, sources.by_name() if sources else {}, wanted, listed)
    if dry_run:
        return print_preview(home, files, as_json=as_json) + n_missing
    counts = import_warc(Home.of(home), files, sources, wanted)
    _print_records(files, counts, time.monotonic() - started, as_json=as_json)
    return counts.n_rejects + n_missing


def _read_urls(urls: Path | None, paths: list[Path]) -> "tuple[Mapping[Path, SavedFrom], int]":
    """Return where saved pages come from, and how many listed files are not there, which is printed."""
    from tasks.imports.url_list import read_url_list

    if urls is None:
        return {}, 0
    listed = read_url_list(urls, [path for path in paths if path.is_dir()])
    if listed.missing:
        names = ", ".join(listed.missing[:3]) + (", ..." if len(listed.missing) > 3 else "")
        typer.echo(
            visible(f"! {urls.name} lists {plural(len(listed.missing), 'file')} not found: {names}"), err=True
        )
    return listed.pages, len(listed.missing)


def _read_sources(config: Path | None) -> "Sources | None":
    """Return the source list; None when there is none and none is named."""
    from tasks.sources import read_sources

    path = config_path(config)
    return read_sources(path) if config is not None or path.exists() else None


def _print_records(files: "CaptureFiles", counts: "Counts", duration_s: float, *, as_json: bool) -> None:
    if as_json:
        print_json_line(
            {
                "new": counts.n_new,
                "revised": counts.n_revised,
                "unchanged": counts.n_unchanged,
                "duplicates": counts.n_duplicates,
                "rejects": counts.n_rejects,
                "seconds": round(duration_s, 2),
                "files": [asdict(account) for account in files.accounts],
            }
        )
        return
    for account in files.accounts:
        typer.echo(visible(account.sentence()))
    typer.echo(
        f"{counts.n_new:,} new, {counts.n_revised:,} revised, {plural(counts.n_duplicates, 'duplicate')}, "
        f"{plural(counts.n_rejects, 'reject')}; {duration_s:.1f} s"
    )
    if counts.n_rejects:
        typer.echo("To list the rejects with their reasons: wirehouse rejects list", err=True)
