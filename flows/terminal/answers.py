"""Run queries for a person: within limits, with DuckDB's errors turned into ours."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flows.terminal.limits import memory_limit, stopped_by_ctrl_c, time_limit
from tasks.errors import UsageError

if TYPE_CHECKING:
    import duckdb


@contextmanager
def answered(con: "duckdb.DuckDBPyConnection", timeout_s: float) -> Iterator[None]:
    """Run the only query of a process in the block, then close the connection; Ctrl-C ends the process."""
    try:
        with stopped_by_ctrl_c(), limited(con, timeout_s):
            yield
    except BrokenPipeError:
        _drop_stdout()
    finally:
        con.close()


@contextmanager
def limited(con: "duckdb.DuckDBPyConnection", timeout_s: float) -> Iterator[None]:
    """Run a query in the block: limit its time and memory. Raises UsageError for what is wrong with it."""
    import duckdb

    too_long = (
        f"The query took longer than {timeout_s:g} s and was stopped. Narrow it down, or raise --timeout."
    )
    try:
        with time_limit(con, timeout_s, too_long), memory_limit(con):
            yield
    except duckdb.InterruptException as error:
        raise UsageError(too_long) from error
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise UsageError(
            "The query needs more memory than its limit. Narrow it down, or raise --memory."
        ) from error
    except (duckdb.IOException, duckdb.FatalException) as error:
        from warehouse.errors import WarehouseCorrupt

        raise WarehouseCorrupt(f"The snapshot cannot be read: {error}") from error
    except duckdb.Error as error:
        from warehouse.inspection.sql_hints import find_hint

        hint = find_hint(con, str(error))
        raise UsageError(f"{error}\n\n{hint}" if hint else str(error)) from error


def memory_size(text: str) -> str:
    """Return a size as DuckDB takes it. Raises UsageError."""
    if not re.fullmatch(r"\d+(\.\d+)?\s*([KMGT]i?B)", text, re.IGNORECASE):
        raise UsageError(f"--memory: {text!r} is not a size (expected a form such as 500MB or 2GB)")
    return text


def _drop_stdout() -> None:
    """Discard the rest of the output: the reader closed the pipe, as `head` does."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
