"""The outcomes of messages as a journal: one line per message, moved into the store when a pass ends.

To open the store for each message costs more than to send it, and holds up loads. A line is on the disk
before the next message is sent; after a kill the next pass moves what is left, so that at most the message
that was being sent is repeated.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime

import duckdb

from warehouse.alerts.outbox import mark_failed, mark_sent
from warehouse.store.home import Home


@dataclass(frozen=True, slots=True)
class MessageOutcome:
    """What became of a message."""

    message_id: str
    at: str  # ISO 8601
    reason: str | None = None  # why it was not sent
    attempts: int = 0  # that failed before


def append_outcome(home: Home, outcome: MessageOutcome) -> None:
    """Add a line, and wait until it is on the disk."""
    handle = os.open(home.outcomes_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(handle, (json.dumps(asdict(outcome)) + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def move_outcomes(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Mark the journal's messages as sent or failed. Call it inside a transaction; then `drop_outcomes`."""
    for outcome in _read(home):
        at = datetime.fromisoformat(outcome.at)
        if outcome.reason is None:
            mark_sent(con, outcome.message_id, at)
        else:
            mark_failed(con, outcome.message_id, outcome.attempts, outcome.reason, at)


def drop_outcomes(home: Home) -> None:
    """Delete the journal, whose lines are in the store."""
    home.outcomes_file.unlink(missing_ok=True)


def _read(home: Home) -> list[MessageOutcome]:
    if not home.outcomes_file.exists():
        return []
    lines = home.outcomes_file.read_text(encoding="utf-8").splitlines(keepends=True)
    return [
        MessageOutcome(**json.loads(line)) for line in lines if line.endswith("\n")
    ]  # a kill leaves half a line
