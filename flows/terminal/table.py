"""Results as a table, or one field a line where the columns do not fit."""

import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, TextIO

from flows.terminal.values import shown

TABLE_ROWS = 1_000  # a table stops here; the other forms do not
_PIPE_WIDTH = 160  # where nobody sees the width
_READABLE = 12  # columns of the terminal that a longer value needs at least
_GAP = 2


def write_table(names: Sequence[str], rows: Iterable[Sequence[Any]], out: TextIO) -> None:
    """Print the first rows as a table; one field a line when each column would be too narrow to read."""
    from rich.console import Console

    remaining = iter(rows)
    cells = [[shown(value) for value in row] for row in islice(remaining, TABLE_ROWS)]
    console = Console(file=out, width=None if out.isatty() else _PIPE_WIDTH, emoji=False, markup=False)
    if _fits(names, cells, console.width):
        _print_table(names, cells, console)
    else:
        _print_fields(names, cells, console)
    if next(remaining, None) is not None:
        sys.stderr.write(f"Only the first {TABLE_ROWS:,} rows are shown; --format csv or json prints all.\n")


def _fits(names: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> bool:
    from rich.cells import cell_len

    needed = 0
    for column, name in enumerate(names):
        longest = max((cell_len(row[column]) for row in cells), default=0)
        needed += min(max(longest, cell_len(name)), _READABLE) + _GAP
    return needed - _GAP <= width


def _print_table(names: Sequence[str], cells: Iterable[Sequence[str]], console: Any) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in names:
        table.add_column(Text(shown(name)), overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)


def _print_fields(names: Sequence[str], cells: Iterable[Sequence[str]], console: Any) -> None:
    from rich.table import Table
    from rich.text import Text

    for number, row in enumerate(cells, 1):
        console.rule(Text(f"row {number}"), align="left", style="")
        fields = Table.grid(padding=(0, _GAP, 0, 0))
        fields.add_column(no_wrap=True)
        fields.add_column(overflow="fold")
        for name, cell in zip(names, row, strict=True):
            fields.add_row(Text(shown(name)), Text(cell))
        console.print(fields)
