"""The `wirehouse` command: names its parts and turns errors into exit codes.

0 all done, 1 some items failed and are recorded, 2 bad usage or configuration,
3 the warehouse cannot be used, 130 stopped by Ctrl-C.
"""

import errno
import sys
import traceback

import typer

from flows.commands import (
    demo,
    feeds,
    imports,
    metrics,
    pages,
    query,
    reextract,
    rejects,
    runs,
    search,
    server,
    source_list,
    status,
    store,
    upkeep,
    urls,
)
from tasks.errors import SourcesError, UsageError
from warehouse.errors import WarehouseError

STOPPED = 130
_UNWRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}

app = typer.Typer(
    name="wirehouse",
    help="Turns the news web into a table: poll, fetch, extract, deduplicate, load, query.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

# In the order of the help: run it, look at one thing, ask the warehouse, look after it.
app.command()(demo.demo)
app.command()(runs.ingest)
app.command()(runs.backfill)
app.command()(reextract.reextract)
app.command()(reextract.rebuild)
app.command()(reextract.forget)
app.command()(upkeep.maintain)
app.command()(upkeep.prune)
app.command("import")(imports.import_articles)
app.command()(pages.extract)
app.command()(feeds.feed)
app.command()(urls.url)
app.command()(query.sql)
app.command()(search.search)
app.command()(query.explain)
app.add_typer(rejects.rejects_app, name="rejects")
app.command()(status.status)
app.command()(metrics.metrics)
app.command()(store.doctor)
app.command()(store.export)
app.command()(store.restore)
app.add_typer(source_list.sources_app, name="sources")
app.command()(server.serve)
app.command()(server.deploy)


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code."""
    try:
        app(arguments, prog_name="wirehouse")
    except SystemExit as stop:  # how Typer ends every command, with 2 for bad usage and 130 for Ctrl-C
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        if code == STOPPED:
            typer.echo("Stopped. What was loaded is kept; the next run goes on from there.", err=True)
        return code
    except (SourcesError, UsageError) as error:
        return _fail(arguments, error, 2)
    except WarehouseError as error:
        return _fail(arguments, error, 3)
    except OSError as error:
        return _fail(arguments, error, 3 if error.errno in _UNWRITABLE else 1)
    except Exception as error:  # the last line of defence: one sentence instead of a traceback
        return _fail(arguments, error, 1)
    return 0


def _fail(arguments: list[str], error: Exception, code: int) -> int:
    if "--debug" in arguments:
        traceback.print_exception(error)
    if isinstance(error, OSError) and error.errno in _UNWRITABLE and error.filename:
        error = OSError(f"{error.filename} cannot be used: {error.strerror}.")
    typer.echo(f"wirehouse: {error or type(error).__name__}", err=True)
    return code


if __name__ == "__main__":
    main()
