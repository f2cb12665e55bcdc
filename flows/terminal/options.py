"""The options that every command takes, after its name."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from warehouse.store.connection import Home

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", envvar="WIREHOUSE_HOME", help="Where the warehouse lives (default ./data)."),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", envvar="WIREHOUSE_CONFIG", help="The source list (default ./sources.toml)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show tracebacks and debug messages.")]
SourceOption = Annotated[
    list[str] | None, typer.Option("--source", help="A source's name; may be given several times.")
]


def home_path(home: Path | None) -> Path:
    """Return the home that was asked for, absolute."""
    return (home or Path("data")).expanduser().resolve()


def config_path(config: Path | None) -> Path:
    """Return the source list that was asked for, absolute."""
    return (config or Path("sources.toml")).expanduser().resolve()


def existing_home(home: Path | None) -> "Home":
    """Return the home that was asked for. Raises WarehouseMissing when nothing was ever loaded there."""
    from warehouse.store.home import Home, require_store

    existing = Home(home_path(home))
    require_store(existing)
    return existing


def is_interactive() -> bool:
    """Say whether a person watches: progress is drawn only then."""
    return os.isatty(2)
