"""The pages under `docs/` that are generated from the code, each with the function that makes its text."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from manual.api import api_page
from manual.commands import commands_page
from manual.cookbook import cookbook_page
from warehouse.inspection.tables_page import tables_page
from warehouse.store.connection import Home, open_store


def _tables() -> str:
    with tempfile.TemporaryDirectory() as folder, open_store(Home(Path(folder)), owner="tables page") as con:
        return tables_page(con)


PAGES: dict[str, Callable[[], str]] = {
    "reference/api.md": api_page,
    "reference/commands.md": commands_page,
    "reference/tables.md": _tables,
}
# Those that show answers of the store that `manual.demo_store` makes.
PAGES_OF_STORE: dict[str, Callable[[duckdb.DuckDBPyConnection], str]] = {
    "cookbook.md": cookbook_page,
}
