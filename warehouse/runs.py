"""Runs and loads: what was written by which run, and when."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import duckdb

from warehouse.records.outcome import Counts

_COUNTS = tuple(field.name for field in fields(Counts))


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """Counts of one run for one source."""

    source: str
    entries: int  # that a feed showed first in this run
    fetched: int
    new: int
    revised: int
    rejects: int


def start_run(
    con: duckdb.DuckDBPyConnection,
    flow: str,
    *,
    run_id: str | None = None,
    parameters: str | None = None,
    code_version: str | None = None,
) -> str:
    """Record the start of a run; return its id."""
    run_id = run_id or str(uuid.uuid4())
    con.execute(
        "insert into core.run (run_id, flow, parameters, started_at, status, code_version)"
        " values (?, ?, ?, ?, 'running', ?)",
        [run_id, flow, parameters, datetime.now(UTC), code_version],
    )
    return run_id


def end_run(con: duckdb.DuckDBPyConnection, run_id: str, status: str, counts: Counts) -> datetime:
    """Record the end of a run, its status and counts; return the time."""
    ended_at = datetime.now(UTC)
    assignments = ", ".join(f"{name} = ?" for name in _COUNTS)
    con.execute(
        f"update core.run set status = ?, ended_at = ?, {assignments} where run_id = ?",
        [status, ended_at, *(getattr(counts, name) for name in _COUNTS), run_id],
    )
    return ended_at


def find_running(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the ids of the runs that have no recorded end."""
    rows = con.execute("select run_id from core.run where status = 'running' order by started_at").fetchall()
    return [run_id for (run_id,) in rows]


def crash_runs(con: duckdb.DuckDBPyConnection, run_ids: Sequence[str]) -> None:
    """Record runs as crashed; they ended with their last load, as far as is known."""
    if run_ids:
        con.execute(_CRASH, {"run_ids": list(run_ids)})


def new_load_id(con: duckdb.DuckDBPyConnection, batch_sha256: str) -> str:
    """Return the id of the current load; the writer's lock keeps it unique."""
    last = con.execute("select max(load_id) from core.load").fetchall()[0][0]
    number = int(last.split("-")[0]) + 1 if last else 1
    return f"{number:08d}-{batch_sha256[:8]}"


def load_load(
    con: duckdb.DuckDBPyConnection,
    load_id: str,
    run_id: str,
    *,
    kind: str,
    batch_sha256: str,
    counts: Counts,
    totals: Mapping[str, int] | None = None,
) -> None:
    """Record a load, inside its own transaction."""
    totals = totals or {}
    row: dict[str, Any] = {
        "load_id": load_id,
        "run_id": run_id,
        "kind": kind,
        "batch_sha256": batch_sha256,
        "loaded_at": datetime.now(UTC),
        **{name: getattr(counts, name) for name in _COUNTS},
        "n_articles_after": totals.get("article"),
        "n_revisions_after": totals.get("revision"),
    }
    con.execute(
        f"insert into core.load ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values())
    )


def has_load(con: duckdb.DuckDBPyConnection, batch_sha256: str) -> bool:
    """Say whether this batch was loaded before."""
    rows = con.execute("select 1 from core.load where batch_sha256 = ? limit 1", [batch_sha256]).fetchall()
    return bool(rows)


def note_duplicates(con: duckdb.DuckDBPyConnection, load_id: str, n_duplicates: int) -> None:
    """Record, in the transaction of a load, how many of its articles are copies."""
    con.execute("update core.load set n_duplicates = ? where load_id = ?", [n_duplicates, load_id])


def note_totals(con: duckdb.DuckDBPyConnection, load_id: str, totals: Mapping[str, int]) -> None:
    """Record, in the transaction of a load, how many rows it left."""
    con.execute(
        "update core.load set n_articles_after = ?, n_revisions_after = ? where load_id = ?",
        [totals["article"], totals["revision"], load_id],
    )


def find_source_counts(con: duckdb.DuckDBPyConnection, run_id: str) -> list[SourceCounts]:
    """Return the counts of a run for each source, by name."""
    rows = con.execute(_SOURCE_COUNTS, {"run_id": run_id}).fetchall()
    return [SourceCounts(*row) for row in rows]


_CRASH = """
update core.run as r
set
    status = 'crashed',
    ended_at = greatest(
        r.started_at,
        (select max(l.loaded_at) from core.load as l where l.run_id = r.run_id)
    )
where r.run_id in (select unnest($run_ids::text[]))
"""

_SOURCE_COUNTS = """
with loaded as (
    select load_id
    from core.load
    where run_id = $run_id
),
what as (
    select source, 1 as entries, 0 as fetched, 0 as new, 0 as revised, 0 as rejects
    from core.entry
    where load_id in (from loaded) and changed_at is null
    union all
    select source, 0, 1, 0, 0, 0
    from core.fetch
    where load_id in (from loaded) and url_key is not null and outcome <> 'not_modified'
    union all
    select a.source, 0, 0, (r.change = 'first')::integer, (r.change <> 'first')::integer, 0
    from core.revision as r
    join core.article as a using (article_id, seen_on)
    where r.load_id in (from loaded)
    union all
    select source, 0, 0, 0, 0, 1
    from core.reject
    where load_id in (from loaded) and resolved_at is null
)
select
    source,
    sum(entries)::integer as entries,
    sum(fetched)::integer as fetched,
    sum(new)::integer as new,
    sum(revised)::integer as revised,
    sum(rejects)::integer as rejects
from what
group by source
order by source
"""
