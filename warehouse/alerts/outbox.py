"""The outbox: changes noted as due before they are sent, and marked as sent after.

Rows live in the store and are written in short sessions. A message gets its id before it is first sent and
keeps it, so that a repetition after a kill carries the same key.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import duckdb
import pyarrow as pa

from warehouse.alerts.due import IS_DUE
from warehouse.alerts.matches import SearchMatch
from warehouse.alerts.saved_search import Channel, Each, Recipient, SavedSearch, Trigger
from warehouse.alerts.schedule import next_due
from warehouse.store.arrow import registered

MAX_RETRY_WAIT = timedelta(hours=6)
_AT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Alert:
    """A noted change, as the outbox holds it."""

    search: str
    article_id: str
    revision_no: int
    change: Trigger


@dataclass(frozen=True, slots=True)
class Message:
    """Noted changes that go to one recipient together."""

    message_id: str
    recipient: str
    alerts: tuple[Alert, ...]
    attempts: int


def note_matches(
    con: duckdb.DuckDBPyConnection,
    searches: Sequence[SavedSearch],
    matches: Iterable[SearchMatch],
    load_id: str,
    now: datetime,
) -> int:
    """Note matches as due for the recipients of their searches, and move the cursors to `load_id`.

    Call it inside a transaction. What is noted already is not noted again; a story is reported once to a
    recipient unless the search reports each article. Returns how many rows were noted.
    """
    by_name = {search.name: search for search in searches}
    rows = [
        (match, recipient, by_name[match.search])
        for match in matches
        for recipient in by_name[match.search].recipients
    ]
    with registered(con, some_alert=_alert_table(rows, now)):
        noted = con.execute(_NOTE).fetchall()
    names = [search.name for search in searches]
    con.execute(_MOVE_CURSORS, {"names": names, "load_id": load_id, "now": now})
    return int(noted[0][0])


def drop_unlisted(con: duckdb.DuckDBPyConnection, searches: Sequence[SavedSearch]) -> None:
    """Delete what is due to recipients, and the cursors of searches, that searches.toml no longer names."""
    pairs = pa.table(
        {
            "search": pa.array([s.name for s in searches for _ in s.recipients], pa.string()),
            "recipient": pa.array([r.key for s in searches for r in s.recipients], pa.string()),
        }
    )
    with registered(con, some_pair=pairs):
        con.execute(_DROP_UNLISTED)
    con.execute(_DROP_CURSORS, {"names": [search.name for search in searches]})


def take_due(con: duckdb.DuckDBPyConnection, now: datetime, *, search: str | None = None) -> list[Message]:
    """Return the messages to send now; changes that are first due get the id of their message.

    With `search`, everything noted for it, due or not. Call it inside a transaction.
    """
    rows = con.execute(_UNGROUPED, {"now": now, "search": search}).fetchall()
    groups = {
        (recipient, found_search): str(uuid.uuid4())
        for recipient, found_search in {(r, _group_of(r, s)) for r, s in rows}
    }
    table = pa.table(
        {
            "recipient": pa.array([r for r, _ in rows], pa.string()),
            "search": pa.array([s for _, s in rows], pa.string()),
            "message_id": pa.array([groups[r, _group_of(r, s)] for r, s in rows], pa.string()),
        }
    )
    with registered(con, some_group=table):
        con.execute(_GROUP, {"now": now, "search": search})
    return _messages(con.execute(_TO_SEND, {"now": now, "search": search}).fetchall())


def mark_sent(con: duckdb.DuckDBPyConnection, message_id: str, now: datetime) -> None:
    """Mark a message as sent."""
    con.execute(_MARK_SENT, {"message_id": message_id, "now": now})


def mark_failed(
    con: duckdb.DuckDBPyConnection, message_id: str, attempts: int, reason: str, now: datetime
) -> None:
    """Record that a message could not be sent, after so many failed attempts.

    It is tried again after a growing wait.
    """
    wait = min(timedelta(minutes=5 * 2 ** min(attempts, 10)), MAX_RETRY_WAIT)
    values = {"message_id": message_id, "attempts": attempts + 1, "reason": reason, "next_try_at": now + wait}
    con.execute(_MARK_FAILED, values)


def _group_of(recipient: str, search: str) -> str:
    """Return what a message is about: a webhook gets one a search, people get all their searches together."""
    return search if recipient.startswith(f"{Channel.WEBHOOK} ") else ""


def _messages(rows: list[tuple[str, str, str, str, int, str, int]]) -> list[Message]:
    messages = []
    for (message_id, recipient), group in groupby(rows, key=lambda row: (row[0], row[1])):
        members = list(group)
        alerts = tuple(Alert(row[2], row[3], row[4], Trigger(row[5])) for row in members)
        messages.append(Message(message_id, recipient, alerts, max(row[6] for row in members)))
    return messages


def _alert_table(rows: Sequence[tuple[SearchMatch, Recipient, SavedSearch]], now: datetime) -> pa.Table:
    return pa.table(
        {
            "place": pa.array(range(len(rows)), pa.int64()),
            "search": pa.array([match.search for match, _, _ in rows], pa.string()),
            "recipient": pa.array([recipient.key for _, recipient, _ in rows], pa.string()),
            "article_id": pa.array([match.article_id for match, _, _ in rows], pa.string()),
            "revision_no": pa.array([match.revision_no for match, _, _ in rows], pa.int32()),
            "change": pa.array([match.change.value for match, _, _ in rows], pa.string()),
            "is_per_story": pa.array([search.each is Each.STORY for _, _, search in rows], pa.bool_()),
            "noted_at": pa.array([now] * len(rows), _AT),
            "due_at": pa.array([next_due(recipient.schedule, now) for _, recipient, _ in rows], _AT),
        }
    )


# Of a story the representative is reported, else the first that matched; new and gone only once,
# edits once each time that they are looked for.
_NOTE = """
insert into core.alert (
    search, recipient, article_id, revision_no, change, noted_at, due_at, message_id, attempts, next_try_at,
    reason, sent_at
)
with candidate as (
    select
        c.*,
        case
            when c.is_per_story then coalesce(m.story_id, c.article_id::uuid)
            else c.article_id::uuid
        end as reported_id,
        coalesce(m.story_id = c.article_id::uuid, true) as is_representative
    from some_alert as c
    left join core.story_member as m on m.article_id = c.article_id::uuid
),
reported as (
    select a.search, a.recipient, a.change, a.article_id, a.revision_no, m.story_id
    from core.alert as a
    left join core.story_member as m using (article_id)
    where a.search in (select search from some_alert)
)
select search, recipient, article_id::uuid, revision_no, change, noted_at, due_at, null, 0, null, null, null
from candidate as c
where not exists (
    select 1
    from reported as r
    where
        r.search = c.search
        and r.recipient = c.recipient
        and r.change = c.change
        and (
            r.article_id = c.article_id::uuid and r.revision_no = c.revision_no
            or c.is_per_story
            and c.change in ('new', 'gone')
            and coalesce(r.story_id, r.article_id) = c.reported_id
        )
)
qualify
    row_number() over (
        partition by search, recipient, change, reported_id, case when not is_per_story then revision_no end
        order by is_representative desc, place desc
    ) = 1
order by place
"""

_MOVE_CURSORS = """
merge into core.search_cursor as c
using (select unnest($names::text[]) as search) as n
on c.search = n.search
when matched and c.load_id < $load_id then update set load_id = $load_id, moved_at = $now
when not matched then insert (search, load_id, moved_at) values (n.search, $load_id, $now)
"""

_DROP_UNLISTED = """
delete from core.alert
where sent_at is null and (search, recipient) not in (select (search, recipient) from some_pair)
"""

_DROP_CURSORS = "delete from core.search_cursor where search not in (select unnest($names::text[]))"

_MARK_SENT = """
update core.alert
set sent_at = $now, next_try_at = null, reason = null
where message_id = $message_id::uuid
"""

_MARK_FAILED = """
update core.alert
set attempts = $attempts, reason = $reason, next_try_at = $next_try_at
where message_id = $message_id::uuid
"""

_UNGROUPED = f"""
select distinct recipient, search
from core.alert
where {IS_DUE} and message_id is null
order by recipient, search
"""

_GROUP = f"""
update core.alert as a
set message_id = g.message_id::uuid
from some_group as g
where a.recipient = g.recipient and a.search = g.search and a.message_id is null
    and a.rowid in (select rowid from core.alert where {IS_DUE})
"""

_TO_SEND = f"""
select message_id::text, recipient, search, article_id::text, revision_no, change, attempts
from core.alert
where message_id in (select message_id from core.alert where {IS_DUE} and message_id is not null)
    and sent_at is null
order by message_id, recipient, search, noted_at, article_id, revision_no
"""
