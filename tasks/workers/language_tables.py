"""The tables of the language model in files that all processes map.

Unpacking what py3langid ships takes more than half a second of CPU, as long as importing all modules that
extraction needs, and would give each run its own copy of 80 MB in memory. Used by `extract_warm`.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import py3langid.langid as langid

from tasks.domain.text.language_model import ModelTables

_FORMAT = 1  # of the files; a change of what they hold needs another number
_READABLE = 0o755
_UNUSABLE = (OSError, EOFError, ValueError)


def read_tables(codes: Sequence[str]) -> ModelTables:
    """Return the model's tables for these languages: mapped from files, which are written where they miss.

    The files lie in the Python environment, like what Python compiles, or, where that cannot be written, in
    the user's cache folder. Where neither can be, the tables are unpacked in memory.
    """
    folders = [folder / _key(codes) for folder in _cache_folders()]
    for folder in folders:
        with suppress(*_UNUSABLE):
            return map_tables(folder)
    tables = ModelTables.unpack(codes)
    for folder in folders:
        with suppress(*_UNUSABLE):
            _write(tables, folder)
            return map_tables(folder)
    return tables


def map_tables(folder: Path) -> ModelTables:
    """Map the files of a folder. Raises OSError, EOFError or ValueError: one is missing or damaged."""
    tables = ModelTables(**{name: _mapped(folder / f"{name}.npy") for name in _names()})
    n = len(tables.codes)
    if tables.weights.shape[1:] != (n,) or len(tables.features) != len(tables.row_starts):
        raise ValueError(f"'{folder}': its tables do not fit together")
    return tables


def _write(tables: ModelTables, folder: Path) -> None:
    """Write the tables to a new folder, which has all of them or does not exist."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as name:
        draft = Path(name)
        for table in _names():
            with (draft / f"{table}.npy").open("wb") as file:
                np.save(file, getattr(tables, table), allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
        draft.chmod(_READABLE)
        shutil.rmtree(folder, ignore_errors=True)  # damaged; who has mapped it keeps the mapping
        draft.rename(folder)


def _cache_folders() -> Iterator[Path]:
    yield Path(sys.prefix, "var", "cache", "wirehouse")
    with suppress(RuntimeError):  # no user's folder
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "wirehouse")


def _key(codes: Sequence[str]) -> str:
    """Return a name that differs where the model, the languages or the format of the files do."""
    model = Path(langid.__file__).parent.joinpath(langid.MODEL_FILE).stat()
    parts = (_FORMAT, model.st_size, model.st_mtime_ns, sys.byteorder, np.dtype(np.intp).itemsize, *codes)
    return f"language-model-{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"


def _names() -> list[str]:
    return [field.name for field in fields(ModelTables)]


def _mapped(path: Path) -> npt.NDArray[Any]:
    # As a plain array: each look-up in a memmap makes another memmap, which is slow.
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
