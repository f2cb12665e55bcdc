"""Filters of commands, checked: one that can match nothing is an error, not an empty result."""

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flows.terminal.options import config_path
from tasks.errors import UsageError
from warehouse.wording import suggest

if TYPE_CHECKING:
    import duckdb

    from warehouse.reading.filters import AskedUrl

_URL = re.compile(r"https?://\S+", re.IGNORECASE)


def read_url(text: str) -> "AskedUrl | None":
    """Return the URL that stands where a question could; None when it is not one valid http(s) URL."""
    from tasks.domain.urls.key import url_key
    from tasks.errors import ItemError
    from warehouse.reading.filters import AskedUrl

    if not _URL.fullmatch(text):
        return None
    try:
        return AskedUrl(text, url_key(text))
    except ItemError:
        return None


def check_question(con: "duckdb.DuckDBPyConnection", question: str) -> None:
    """Raise UsageError for an unknown source in a question, and QuestionError for a broken question."""
    from warehouse.search.grammar import named_sources, parse_question

    check_sources(con, named_sources(parse_question(question)), where="source")


def check_sources(
    con: "duckdb.DuckDBPyConnection", names: Sequence[str] | None, where: str = "--source"
) -> None:
    """Raise UsageError for a source that neither the warehouse nor the source list knows."""
    from warehouse.sources import find_source_names

    if not names:
        return
    stored = find_source_names(con)
    if unknown := [name for name in names if name not in stored]:
        known = stored | _listed_names()
        for name in unknown:
            if name not in known:
                raise UsageError(f"{where}: unknown source '{name}'. {suggest(name, known)}")


def check_step(name: str | None) -> None:
    """Raise UsageError for a step that does not exist."""
    from warehouse.records.outcome import Step

    steps = [step.value for step in Step]
    if name is not None and name not in steps:
        raise UsageError(f"--step: unknown step '{name}'. {suggest(name, steps)}")


def _listed_names() -> set[str]:
    """Return the names in the source list of this folder or of WIREHOUSE_CONFIG, if it can be read."""
    from pathlib import Path

    from tasks.errors import SourcesError
    from tasks.sources import read_sources

    configured = os.environ.get("WIREHOUSE_CONFIG")
    try:
        return set(read_sources(config_path(Path(configured) if configured else None)).by_name())
    except SourcesError:
        return set()
