"""What `sql` and `search` give to be written in any format."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Rows that a command writes: as Python values, or as Arrow batches, either of them once.

    Whoever is not going to write Parquet gives no `to_arrow`.
    """

    names: Sequence[str]
    rows: Iterable[Sequence[Any]]
    to_arrow: "Callable[[], pa.RecordBatchReader] | None"
    title: str  # of the Atom feed: what was asked
