"""The `wirehouse` command: names its parts and turns errors into exit codes.

0 all done, 1 some items failed and are recorded, 2 bad usage or configuration,
3 the warehouse cannot be used, 130 stopped by Ctrl-C.
"""

import sys

import click
import typer

from tasks.errors import SourcesError, UsageError
from warehouse.errors import WarehouseError

app = typer.Typer(
    name="wirehouse",
    help="Turns the news web into a table: poll, fetch, extract, deduplicate, load, query.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code."""
    try:
        code = app(arguments, prog_name="wirehouse", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except (SourcesError, UsageError) as error:
        return _fail(arguments, error, 2)
    except WarehouseError as error:
        return _fail(arguments, error, 3)
    except (KeyboardInterrupt, click.Abort):
        typer.echo("Stopped. What was loaded so far is kept; the next run goes on from there.", err=True)
        return 130
    except Exception as error:  # the last line of defence: one sentence instead of a traceback
        return _fail(arguments, error, 1)
    return code if isinstance(code, int) else 0


def _fail(arguments: list[str], error: Exception, code: int) -> int:
    if "--debug" in arguments:
        raise error
    typer.echo(f"wirehouse: {error or type(error).__name__}", err=True)
    return code


if __name__ == "__main__":
    main()
