"""Leases of hosts: which process may request a host, and when it was last requested.

One row a host. All instants are the server's, so that the clocks of the machines do not matter.
"""

from dataclasses import dataclass

from warehouse.control.connection import ControlConnection

MAX_HELD = 200  # sources recorded in one host's row


@dataclass(frozen=True, slots=True)
class LeaseAnswer:
    """Whether the host was leased and, if not, what is known of when it will be free, in seconds."""

    is_taken: bool
    leased_s: float = 0.0  # until another's lease ends by itself
    gap_s: float = 0.0  # until the gap after the last request has passed
    held_s: float = 0.0  # until the source may come back (Retry-After)


def take_lease(
    control: ControlConnection, host: str, holder: str, *, source: str, gap_s: float, lease_s: float
) -> LeaseAnswer:
    """Lease a host for `lease_s` seconds if it is free and rested; `holder` names this turn alone.

    One statement: of two that race, the second waits for the first one's row and then sees its lease.
    """
    parameters = {"host": host, "holder": holder, "source": source, "gap_s": gap_s, "lease_s": lease_s}
    ((is_taken, leased_s, rest_s, held_s),) = control.execute(_TAKE, parameters)
    return LeaseAnswer(is_taken, *(max(0.0, float(wait or 0)) for wait in (leased_s, rest_s, held_s)))


def end_lease(control: ControlConnection, host: str, holder: str) -> bool:
    """Free a host; the gap counts from now. Return whether the lease was still this holder's."""
    return bool(control.execute(_END, {"host": host, "holder": holder}))


def hold_source(control: ControlConnection, host: str, source: str, wait_s: float) -> None:
    """Record that the host asked a source to stay away for so many seconds."""
    control.execute(_HOLD, {"host": host, "source": source, "wait_s": wait_s, "max_held": MAX_HELD})


def count_leases(control: ControlConnection) -> int:
    """Return how many hosts are being requested now."""
    ((n_leased,),) = control.execute(_COUNT)
    return int(n_leased)


def create_leases(control: ControlConnection) -> None:
    """Create the table, if it is not there."""
    control.execute("create schema if not exists control")
    control.execute(_TABLE)


# Rows are updated twice a request: the free space keeps new versions on the same database page.
_TABLE = """
create table if not exists control.host_lease (
    host text primary key,
    holder text not null,
    lease_until timestamptz not null,
    last_at timestamptz not null,
    held_until jsonb not null default '{}'
) with (fillfactor = 70)
"""

# A row whose instants lie ahead was written before the server's clock was set back: `between` treats its
# lease and its gap as over. The holder itself may take again: its answer was lost with the connection.
_TAKE = """
with taken as (
    insert into control.host_lease as l (host, holder, lease_until, last_at)
    values (
        %(host)s, %(holder)s, clock_timestamp() + make_interval(secs => %(lease_s)s), clock_timestamp()
    )
    on conflict (host) do update
    set holder = excluded.holder, lease_until = excluded.lease_until, last_at = excluded.last_at
    where
        l.holder = excluded.holder
        or (
            clock_timestamp() not between l.last_at and l.lease_until
            and (
                clock_timestamp() < l.last_at
                or clock_timestamp() >= l.last_at + make_interval(secs => %(gap_s)s)
            )
            and clock_timestamp() >= coalesce((l.held_until ->> %(source)s)::timestamptz, '-infinity')
        )
    returning 1
)
select
    exists (select 1 from taken),
    extract(epoch from case when isfinite(h.lease_until) then h.lease_until - clock_timestamp() end),
    extract(epoch from case when isfinite(h.last_at) then h.last_at - clock_timestamp() end) + %(gap_s)s,
    extract(epoch from (h.held_until ->> %(source)s)::timestamptz - clock_timestamp())
from (select 1) as one
left join control.host_lease as h on h.host = %(host)s
"""

_END = """
update control.host_lease
set lease_until = '-infinity', last_at = clock_timestamp()
where host = %(host)s and holder = %(holder)s
returning 1
"""

_COUNT = """
select count(*)
from control.host_lease
where clock_timestamp() between last_at and lease_until
"""

_HOLD = """
insert into control.host_lease as l (host, holder, lease_until, last_at, held_until)
values (
    %(host)s, '', '-infinity', '-infinity',
    jsonb_build_object(%(source)s::text, clock_timestamp() + make_interval(secs => %(wait_s)s))
)
on conflict (host) do update
set held_until = excluded.held_until || coalesce((
    select jsonb_object_agg(key, value)
    from (
        select key, value
        from jsonb_each(l.held_until)
        where key <> %(source)s and (value #>> '{}')::timestamptz > clock_timestamp()
        order by value #>> '{}' desc
        limit %(max_held)s - 1
    ) as kept
), '{}')
"""
