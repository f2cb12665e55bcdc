"""Create a lake: the catalogue's database, the roles of writers and readers, and the schema."""

import os
from dataclasses import dataclass

import duckdb
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from warehouse.cluster.settings import Cluster
from warehouse.errors import ClusterError, LakeUnreachable
from warehouse.store.lake.engine import attach_lake, translated_lake
from warehouse.store.lake.locks import writer_lock
from warehouse.store.lake.schema import migrate_lake


@dataclass(frozen=True, slots=True)
class CreatedLake:
    """What was created; False and empty for what was there already."""

    database: bool
    roles: tuple[str, ...]


def create_lake(cluster: Cluster, admin: str = "") -> CreatedLake:
    """Create what is missing of database, roles and schema; what is there stays.

    `admin` has libpq parameters of a role that may create databases and roles, such as "user=postgres"; the
    passwords of the new roles are taken from the environment. Raises ClusterError, LakeUnreachable.
    """
    if cluster.store is None:
        raise ClusterError(f"{cluster.file}: there is no [store]. Add it with catalog and data.")
    target = make_conninfo(cluster.store.catalog, **conninfo_to_dict(admin))
    database = str(conninfo_to_dict(target)["dbname"])
    try:
        with psycopg.connect(make_conninfo(target, dbname="postgres"), autocommit=True) as con:
            roles = tuple(
                role for role in (cluster.store.writer, cluster.store.reader) if _add_role(con, role, cluster)
            )
            is_new = _add_database(con, database, cluster.store.writer)
        with psycopg.connect(target) as con:
            _grant(con, cluster.store.writer, cluster.store.reader)
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise LakeUnreachable(
            f"The database of {cluster.store.catalog} cannot be created: {reason}. "
            "Name a role that may create databases and roles: --admin 'user=postgres'."
        ) from error
    _create_schema(cluster)
    return CreatedLake(is_new, roles)


def _add_role(con: psycopg.Connection, role: str, cluster: Cluster) -> bool:
    if con.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
        return False
    assert cluster.store is not None
    variable = "WIREHOUSE_WRITER_PASSWORD" if role == cluster.store.writer else "WIREHOUSE_READER_PASSWORD"
    statement = sql.SQL("create role {} login").format(sql.Identifier(role))
    if password := os.environ.get(variable):
        statement += sql.SQL(" password {}").format(sql.Literal(password))
    con.execute(statement)
    return True


def _add_database(con: psycopg.Connection, name: str, owner: str) -> bool:
    if con.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
        return False
    # An administrator who is not a superuser may only give away what it is a member of.
    con.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(owner)))
    con.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(owner)))
    return True


def _grant(con: psycopg.Connection, writer: str, reader: str) -> None:
    """Let the writer's role create tables, and the reader's role select from those, present and future."""
    names = {"writer": sql.Identifier(writer), "reader": sql.Identifier(reader)}
    for statement in (
        "revoke create on schema public from public",
        "grant usage, create on schema public to {writer}",
        "grant usage on schema public to {reader}",
        "grant select on all tables in schema public to {reader}",
        "alter default privileges for role {writer} in schema public grant select on tables to {reader}",
    ):
        con.execute(sql.SQL(statement).format(**names))


def _create_schema(cluster: Cluster) -> None:
    with writer_lock(cluster, "cluster init", 60):
        con = attach_lake(cluster, {}, is_reader=False, create=True)
        try:
            with translated_lake(cluster):
                _prepare(con)
                migrate_lake(con)
                con.execute(_SMALL_ROW_GROUPS)
        finally:
            con.close()


# A search decodes the lists of all rows of a row group that has its word; DuckDB's default is 122,880 rows.
_SMALL_ROW_GROUPS = """
call warehouse.set_option('parquet_row_group_size', 8192, schema => 'core', table_name => 'search_posting')
"""


def _prepare(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create schema if not exists core")
    con.execute("call warehouse.set_option('parquet_compression', 'zstd')")
