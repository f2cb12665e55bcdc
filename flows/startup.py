"""What a process of the command line or of the schedule does first."""

import sys


def keep_pandas_out() -> None:
    """Let no import find pandas in this process.

    Nothing here uses it. DuckDB imports it, where it is installed, with the first parameter of a query, which
    takes as long as a whole run that has nothing to do.
    """
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]
