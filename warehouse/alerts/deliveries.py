"""What was sent for saved searches, what is pending and what failed: a small file beside the store.

Alerts are sent between two publications, so the snapshot does not know of them, and the store may be held by
a writer. `wirehouse status` and the pages of browse read this file, which each pass over the outbox replaces.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb

from warehouse.store.filesystem import make_folder, write_note
from warehouse.store.home import Home

PER_SEARCH = 20  # the latest; pending ones are all there
_INSTANTS = ("due_at", "sent_at", "next_try_at")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Changes of a saved search that go, or went, to a recipient in one message."""

    search: str
    recipient: str
    n_alerts: int
    due_at: datetime
    sent_at: datetime | None  # None: pending
    attempts: int  # that failed
    next_try_at: datetime | None  # None unless sending failed
    reason: str | None  # why it failed last


@dataclass(frozen=True, slots=True)
class FailingRecipient:
    """Changes that could not be reported to a recipient of saved searches."""

    recipient: str
    n_alerts: int
    attempts: int
    reason: str
    next_try_at: datetime | None


def list_deliveries(con: duckdb.DuckDBPyConnection) -> tuple[Delivery, ...]:
    """Return what is pending and what was sent last of each search, the latest first."""
    rows = con.execute(_DELIVERIES, {"limit": PER_SEARCH}).fetchall()
    return tuple(Delivery(*row) for row in rows)


def write_deliveries(home: Home, deliveries: Iterable[Delivery]) -> None:
    """Replace the file, in one step."""
    make_folder(home.state_dir)
    partial = home.deliveries_file.with_name(f".deliveries.{os.getpid()}.tmp")
    write_note(partial, json.dumps([asdict(delivery) for delivery in deliveries], default=datetime.isoformat))
    partial.replace(home.deliveries_file)


def read_deliveries(home: Home) -> tuple[Delivery, ...]:
    """Return what the file holds; nothing when no search was ever looked at, or the file is unreadable.

    The file is written again with the next message, therefore a damaged one is not an error.
    """
    try:
        rows = json.loads(home.deliveries_file.read_text(encoding="utf-8"))
        return tuple(_delivery(row) for row in rows)
    except (OSError, ValueError, TypeError):
        return ()


def failing_recipients(deliveries: Iterable[Delivery]) -> list[FailingRecipient]:
    """Return the recipients whose messages could not be sent, by name."""
    failing: dict[str, FailingRecipient] = {}
    for d in sorted(deliveries, key=lambda d: (d.recipient, d.due_at)):
        if d.sent_at is not None or not d.attempts:
            continue
        before = failing.get(d.recipient)
        failing[d.recipient] = FailingRecipient(
            d.recipient,
            d.n_alerts + (before.n_alerts if before else 0),
            max(d.attempts, before.attempts if before else 0),
            d.reason or "",
            d.next_try_at,
        )
    return list(failing.values())


def _delivery(row: dict[str, Any]) -> Delivery:
    instants = {name: datetime.fromisoformat(row[name]) for name in _INSTANTS if row[name]}
    return Delivery(**{**row, **instants})


_DELIVERIES = """
with delivery as (
    select
        search,
        recipient,
        count(*) as n_alerts,
        max(due_at) as due_at,
        max(sent_at) as sent_at,
        max(attempts) as attempts,
        max(next_try_at) as next_try_at,
        max(reason) as reason
    from core.alert
    group by search, recipient, coalesce(message_id::text, due_at::text)
)
select search, recipient, n_alerts, due_at, sent_at, attempts, next_try_at, reason
from delivery
qualify
    sent_at is null
    or row_number() over (partition by search, sent_at is null order by sent_at desc, recipient) <= $limit
order by coalesce(sent_at, due_at) desc, search, recipient
"""
