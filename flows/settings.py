"""Where a flow finds its files: the warehouse's folder, the source list, the saved searches."""

import os
from pathlib import Path

from warehouse.store.home import Home


def home_folder(home: str | None) -> Home:
    """Return the home: the parameter, else WIREHOUSE_HOME, else ./data."""
    return Home.of(Path(home or os.environ.get("WIREHOUSE_HOME") or "data").expanduser().resolve())


def config_file(config: str | None) -> Path:
    """Return the source list: the parameter, else WIREHOUSE_CONFIG, else ./sources.toml."""
    return Path(config or os.environ.get("WIREHOUSE_CONFIG") or "sources.toml").expanduser().resolve()


def searches_path(sources_file: Path) -> Path:
    """Return where the saved searches of a source list stand: beside it."""
    return sources_file.with_name("searches.toml")
