"""The `wirehouse` command: registers its subcommands and turns errors into exit codes.

0 success, 1 some items failed and are recorded, 2 wrong usage or configuration, 3 the warehouse cannot be
used, 130 stopped by Ctrl-C.
"""

import errno
import sys
import traceback
from typing import Annotated

import typer

from flows.commands import (
    browse,
    cluster,
    demo,
    imports,
    metrics,
    query,
    rejects,
    report,
    search,
    server,
    source_list,
    status,
)
from flows.commands.alerts import feed_out, searches
from flows.commands.inspection import feeds, pages, urls
from flows.commands.runs import backfill, ingest
from flows.commands.upkeep import forget, maintain, reextract, store
from flows.startup import decoded_arguments, keep_pandas_out, open_standard_streams
from flows.terminal.registration import with_debug, with_log
from flows.terminal.values import visible
from tasks.errors import SearchesError, SourcesError, UsageError, WorkersUnavailable
from warehouse.errors import ClusterError, SettingInvalid, WarehouseError

STOPPED = 130
_UNWRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

app = typer.Typer(
    name="wirehouse",
    help="Turn the news web into a table: poll, fetch, extract, deduplicate, load, query.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"wirehouse {version('wirehouse')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version and exit."),
    ] = False,
) -> None:
    """Take the options that stand before a command's name."""


_RUN, _ASK = "Run the pipeline", "Search and query"
_SOURCES = "Sources, pages and feeds"
_WATCH, _UPKEEP = "See how collection is going", "Look after the warehouse"
_SCHEDULES = "Schedules and machines"

# In the order of the help, under its headings; groups of commands are last under theirs.
app.command(rich_help_panel=_RUN)(with_log(demo.demo))
app.command(rich_help_panel=_RUN)(with_log(ingest.ingest))
app.command(rich_help_panel=_RUN)(with_log(backfill.backfill))
app.command("import", rich_help_panel=_RUN)(with_log(imports.import_articles))
app.command(rich_help_panel=_SOURCES)(with_debug(pages.extract))
app.command(rich_help_panel=_SOURCES)(with_debug(feeds.feed))
app.command(rich_help_panel=_SOURCES)(with_debug(urls.url))
app.add_typer(source_list.sources_app, name="sources", rich_help_panel=_SOURCES)
app.command(rich_help_panel=_ASK)(with_debug(search.search))
app.command(rich_help_panel=_ASK)(with_debug(query.sql))
app.command(rich_help_panel=_ASK)(with_debug(query.explain))
app.command(rich_help_panel=_ASK)(with_debug(browse.browse))
app.command(rich_help_panel=_ASK)(with_debug(report.report))
app.command("feed-out", rich_help_panel=_ASK)(with_debug(feed_out.feed_out))
app.add_typer(searches.searches_app, name="searches", rich_help_panel=_ASK)
app.command(rich_help_panel=_WATCH)(with_debug(status.status))
app.command(rich_help_panel=_WATCH)(with_debug(metrics.metrics))
app.add_typer(rejects.rejects_app, name="rejects", rich_help_panel=_WATCH)
app.command(rich_help_panel=_UPKEEP)(with_log(reextract.reextract))
app.command(rich_help_panel=_UPKEEP)(with_log(reextract.rebuild))
app.command(rich_help_panel=_UPKEEP)(with_log(forget.forget))
app.command(rich_help_panel=_UPKEEP)(with_log(maintain.maintain))
app.command(rich_help_panel=_UPKEEP)(with_log(maintain.prune))
app.command(rich_help_panel=_UPKEEP)(with_debug(store.doctor))
app.command(rich_help_panel=_UPKEEP)(with_log(store.export))
app.command(rich_help_panel=_UPKEEP)(with_debug(store.restore))
app.command(rich_help_panel=_UPKEEP)(with_log(store.upgrade))
app.command(rich_help_panel=_SCHEDULES)(with_log(server.serve))
app.command(rich_help_panel=_SCHEDULES)(with_debug(server.deploy))
app.command(rich_help_panel=_SCHEDULES)(with_debug(server.worker))
app.add_typer(cluster.cluster_app, name="cluster", rich_help_panel=_SCHEDULES)


def main() -> None:
    """Run the command line and exit with its code."""
    open_standard_streams()
    keep_pandas_out()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code."""
    try:
        app(decoded_arguments(arguments), prog_name="wirehouse")
    except SystemExit as stop:  # how Typer ends every command, with 2 for bad usage and 130 for Ctrl-C
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        if code == STOPPED:
            typer.echo("Stopped. What was loaded is kept; the next run continues from there.", err=True)
        return code
    except (SourcesError, SearchesError, UsageError, ClusterError, SettingInvalid) as error:
        return _fail(arguments, error, 2)
    except (WarehouseError, WorkersUnavailable) as error:
        return _fail(arguments, error, 3)
    except OSError as error:
        return _fail(arguments, error, 3 if error.errno in _UNWRITABLE else 1)
    except Exception as error:  # a person gets one sentence; --debug shows the traceback
        return _fail(arguments, error, 1)
    return 0


def _fail(arguments: list[str], error: Exception, code: int) -> int:
    if "--debug" in arguments:
        traceback.print_exception(error)
    lines = f"wirehouse: {_sentence(error)}".splitlines()
    typer.echo("\n".join(visible(line) for line in lines), err=True)
    return code


def _sentence(error: Exception) -> str:
    """Return what a person reads of an error: never a bare "[Errno 2]"."""
    if isinstance(error, OSError) and error.strerror:
        path = f"'{error.filename}'" if error.filename else "A file"
        return f"{path} cannot be used: {error.strerror}. {_way_out(error)}"
    return str(error) or type(error).__name__


def _way_out(error: OSError) -> str:
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "Raise the limit of open files (ulimit -n), or lower `threads` under [fetch] in sources.toml."
    return "Check its permissions and the free space." if error.errno in _UNWRITABLE else "Check the path."


if __name__ == "__main__":
    main()
