"""Create the tables that several machines share beside the lake, for the role of writers."""

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from warehouse.control.connection import ControlConnection
from warehouse.control.host_leases import create_leases


def create_control(conninfo: str, writer: str, admin: str = "") -> None:
    """Create schema and table in the database of `pace.url`, which must be there; what is there stays.

    `admin` has libpq parameters of a role that may create schemas. Raises ControlUnavailable.
    """
    target = make_conninfo(conninfo, **conninfo_to_dict(admin))
    control = ControlConnection(target, "wirehouse cluster init")
    try:
        create_leases(control)
        for statement in (
            "grant usage on schema control to {writer}",
            "grant select, insert, update on all tables in schema control to {writer}",
        ):
            control.execute(sql.SQL(statement).format(writer=sql.Identifier(writer)).as_string())
    finally:
        control.close()
