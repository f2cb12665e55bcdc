"""The options that commands share, and the paths that they name. They stand after the command's name.

A command takes those that it uses as parameters; `flows.terminal.registration` adds `--debug` to each.
"""

import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal.formats import Format

if TYPE_CHECKING:
    from warehouse.store.connection import Home

COMMON = "Common options"  # a heading of its own in the help: below the options that one command has

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="WIREHOUSE_HOME",
        help="The warehouse's folder (default ./data).",
        rich_help_panel=COMMON,
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar="WIREHOUSE_CONFIG",
        help="The source list (default ./sources.toml).",
        rich_help_panel=COMMON,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.", rich_help_panel=COMMON)]
FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="Output format (default: by the file extension of --output, else table)."),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file instead of standard output.")
]
SpreadsheetOption = Annotated[
    bool,
    typer.Option(
        "--spreadsheet-safe",
        help="In csv and tsv, add a byte order mark, and an apostrophe before cells that start with = + - @.",
    ),
]
LanguageOption = Annotated[
    list[str] | None,
    typer.Option("--language", "--lang", help="Only this language (ISO 639-1); repeat for several."),
]
SourceOption = Annotated[
    list[str] | None, typer.Option("--source", help="Only this source; repeat for several.")
]
LogFileOption = Annotated[
    Path | None,
    typer.Option(
        "--log-file",
        help="Append the log to this file instead of standard error.",
        rich_help_panel=COMMON,
    ),
]
LogLevelOption = Annotated[
    str,
    typer.Option(
        "--log-level",
        envvar="WIREHOUSE_LOG_LEVEL",
        help="debug, info, warning or error.",
        rich_help_panel=COMMON,
    ),
]


def parse_day(text: str) -> date:
    """Return a date written as YYYY-MM-DD; anything else is wrong usage of its option."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day, not an instant
    except ValueError as error:
        raise typer.BadParameter(f"'{text}' is not a date (expected YYYY-MM-DD)") from error


SinceOption = Annotated[
    date | None, typer.Option("--since", parser=parse_day, metavar="YYYY-MM-DD", help="First day.")
]
UntilOption = Annotated[
    date | None, typer.Option("--until", parser=parse_day, metavar="YYYY-MM-DD", help="Last day, inclusive.")
]
ClusterOption = Annotated[
    Path | None,
    typer.Option(
        "--cluster",
        help="Settings of more than one machine (default cluster.toml beside the source list).",
        rich_help_panel=COMMON,
    ),
]
DebugOption = Annotated[
    bool,
    typer.Option("--debug", help="Show tracebacks and debug messages.", rich_help_panel=COMMON),
]


def home_path(home: Path | None) -> Path:
    """Return the warehouse's folder as an absolute path."""
    return (home or Path("data")).expanduser().resolve()


def config_path(config: Path | None) -> Path:
    """Return the source list as an absolute path."""
    return (config or Path("sources.toml")).expanduser().resolve()


def read_text_file(option: str, file: Path) -> str:
    """Return the text of a file that an option names, without a byte order mark. Raises UsageError."""
    from tasks.errors import UsageError
    from warehouse.errors import why_unreadable

    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{option}: '{file}' cannot be read: {why_unreadable(error)}") from error


def existing_home(home: Path | None) -> "Home":
    """Return the warehouse's folder. Raises WarehouseMissing when it holds no warehouse."""
    from warehouse.store.backend import require_store
    from warehouse.store.home import Home

    existing = Home.of(home_path(home))
    require_store(existing)
    return existing


def make_home(home: Path | None) -> Path:
    """Return the warehouse's folder as an absolute path; make it when it is missing.

    Raises UsageError when it cannot be a folder, OSError when it may not be written.
    """
    from tasks.errors import UsageError

    path = home_path(home)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileNotFoundError, FileExistsError, NotADirectoryError) as error:
        raise UsageError(
            f"--home: '{path}' cannot be created: {error.strerror}. Name another folder with --home."
        ) from error
    return path


def is_interactive() -> bool:
    """Say whether a person watches standard error: progress is drawn only then."""
    return os.isatty(2)
