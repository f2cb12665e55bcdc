"""The warehouse; `warehouse.connect()` returns a read-only connection for analysts."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.store.connection import connect

__all__ = ["connect"]


def __getattr__(name: str) -> Any:
    # Lazy: records and errors are imported everywhere, DuckDB only where it is used.
    if name == "connect":
        from warehouse.store.connection import connect

        return connect
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
