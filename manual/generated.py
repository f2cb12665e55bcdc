"""The pages under `docs/` that are generated from the code, each with the function that makes its text."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from warehouse.inspection.tables_page import tables_page
from warehouse.store.connection import Home, open_store


def _tables() -> str:
    with tempfile.TemporaryDirectory() as folder, open_store(Home(Path(folder)), owner="tables page") as con:
        return tables_page(con)


GENERATED: dict[str, Callable[[], str]] = {
    "reference/tables.md": _tables,
}
