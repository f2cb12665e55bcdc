"""The warehouse's folder and the source list of a flow whose parameters do not name them."""

import os
from pathlib import Path

from warehouse.store.connection import Home


def home_folder(home: str | None) -> Home:
    """Return the home: the parameter, else WIREHOUSE_HOME, else ./data."""
    return Home(Path(home or os.environ.get("WIREHOUSE_HOME") or "data").expanduser().resolve())


def config_file(config: str | None) -> Path:
    """Return the source list: the parameter, else WIREHOUSE_CONFIG, else ./sources.toml."""
    return Path(config or os.environ.get("WIREHOUSE_CONFIG") or "sources.toml").expanduser().resolve()
