"""What a process of the command line or of the schedule does first."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class _WithoutPandas(PathFinder):
    """Finds modules on sys.path, but not pandas."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return None if fullname == "pandas" else super().find_spec(fullname, path, target)


def keep_pandas_out() -> None:
    """Let no import find pandas in this process.

    Nothing here uses it. DuckDB imports it, where it is installed, with the first parameter of a query, which
    takes as long as a whole run that has nothing to do.
    """
    sys.meta_path[:] = [_WithoutPandas if finder is PathFinder else finder for finder in sys.meta_path]
