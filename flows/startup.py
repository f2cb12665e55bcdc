"""What a process of the command line or of the schedule does first."""

import codecs
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from io import TextIOWrapper
from types import ModuleType

_STREAMS = ("stdin", "stdout", "stderr")  # by file descriptor


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


def open_standard_streams() -> None:
    """Open the standard streams that the caller closed, and let them take any text.

    Without this, the store could get file descriptor 2 after `2>&-`, and what a library writes to standard
    error would damage it.
    """
    for descriptor, name in enumerate(_STREAMS):
        stream = getattr(sys, name)
        if stream is None:
            _open_null(descriptor)
            mode = "w" if descriptor else "r"
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8", closefd=False))
        elif descriptor and isinstance(stream, TextIOWrapper):
            _take_any_text(stream)


def _open_null(descriptor: int) -> None:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened == descriptor:
        os.set_inheritable(descriptor, True)
        return
    os.dup2(opened, descriptor)
    os.close(opened)


def _take_any_text(stream: TextIOWrapper) -> None:
    """Write UTF-8 where the locale only has ASCII (PYTHONIOENCODING=ascii, LC_ALL=POSIX), and else a ?."""
    encoding = codecs.lookup(stream.encoding).name
    if encoding == "ascii":
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    elif encoding != "utf-8" and stream.errors == "strict":
        stream.reconfigure(errors="replace")


def decoded_arguments(arguments: Sequence[str]) -> list[str]:
    """Return arguments as UTF-8 where the locale could not decode them; others stay as they are."""
    return [argument if argument.isascii() else _decoded(argument) for argument in arguments]


def _decoded(argument: str) -> str:
    try:
        return argument.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:  # a path or a URL may hold other bytes
        return argument
