"""Reads and replaces the project's TOML files; an error names the file, the key, the value and the fix.

For `sources.toml`, `searches.toml` and `cluster.toml`; their schemas are beside their readers.
"""

import os
import re
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from warehouse.errors import why_unreadable

_ENUM_MEMBER = re.compile(r"<\w+\.\w+: ('[^']*')>")  # as Python shows it


def read_toml(path: Path, error_type: type[Exception], way_out: str) -> dict[str, Any]:
    """Return a TOML document. Raises `error_type`; of a missing file it says the way out."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # some editors write a byte order mark
    except FileNotFoundError as error:
        raise error_type(f"{path}: no such file. {way_out}") from error
    except tomllib.TOMLDecodeError as error:
        raise error_type(f"{path}: not valid TOML: {error}. Correct that line.") from error
    except RecursionError as error:
        raise error_type(f"{path}: not valid TOML: its values are nested too deeply.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise error_type(f"{path} cannot be read: {why_unreadable(error)}") from error


def replace_file(path: Path, text: str, error_type: type[Exception]) -> None:
    """Replace a file in one step, so that no reader sees half of it; its mode and its owner stay.

    Raises `error_type`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_bytes(text.encode("utf-8"))  # line ends stay as they are
        if path.exists():
            before = path.stat()
            with suppress(PermissionError):  # of another user, in a folder that we may write
                os.chown(partial, before.st_uid, before.st_gid)
            partial.chmod(before.st_mode)
        partial.replace(path)
    except OSError as error:
        why = why_unreadable(error)
        raise error_type(f"'{path}' cannot be written: {why} Nothing was changed.") from error


def problems(error: ValidationError, document: dict[str, Any], name: str, docs: str) -> str:
    """Return a line for each problem of a document; `docs` is the page that lists the keys of `name`."""
    lines = []
    for item in error.errors(include_url=False):
        where = _place(item["loc"], document)
        value = item["input"]
        shown = f" = {value!r}" if isinstance(value, str | int | float | bool) else ""
        pattern = item.get("ctx", {}).get("pattern")
        fix = _list_fix(item["loc"], value) if item["type"] == "list_type" else _fix(item, docs)
        lines.append(f"{name}: {where}{shown}: {fix}{f', expected {pattern}' if pattern else ''}.")
    return "\n".join(lines)


def _list_fix(location: tuple[int | str, ...], value: Any) -> str:
    if isinstance(value, dict):
        table = ".".join(step for step in location if isinstance(step, str))
        return f"can be there several times; write it in double brackets: [[{table}]]"
    return 'must be a list, such as ["first", "second"]'


def _fix(item: ErrorDetails, docs: str) -> str:
    message = _ENUM_MEMBER.sub(r"\1", item["msg"].removeprefix("Value error, "))
    return {
        "extra_forbidden": f"unknown key; {docs} lists all keys",
        "unexpected_keyword_argument": f"unknown key; {docs} lists all keys",
        "missing": "this key is required",
        "string_pattern_mismatch": "has the wrong format",
    }.get(item["type"], message)


def _place(location: tuple[int | str, ...], document: dict[str, Any]) -> str:
    parts: list[str] = []
    here: Any = document
    for step in location:
        here = _step_into(here, step)
        if isinstance(step, int):
            label = here.get("name") or here.get("url") if isinstance(here, dict) else None
            parts[-1] += f"[{step + 1}]" + (
                f" ({label})" if isinstance(label, str) and label.isprintable() else ""
            )
        else:
            parts.append(step)
    return ".".join(parts) or "the file"


def _step_into(container: Any, step: int | str) -> Any:
    if isinstance(container, dict):
        return container.get(step)
    if isinstance(container, list) and isinstance(step, int) and step < len(container):
        return container[step]
    return None
