"""The `cluster` commands: create the store that several machines share, move a warehouse into it and back."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal.options import HomeOption, JsonOption, home_path
from flows.terminal.output import print_json, print_table
from flows.terminal.registration import with_debug
from tasks.errors import UsageError
from warehouse.wording import plural

if TYPE_CHECKING:
    from warehouse.cluster.settings import Cluster
    from warehouse.control.shard_locks import ShardLock

cluster_app = typer.Typer(
    name="cluster", help="More than one machine: the store that cluster.toml describes.", no_args_is_help=True
)


def init(
    admin: Annotated[
        str,
        typer.Option(
            "--admin", help="libpq parameters of a role that may create databases and roles: 'user=postgres'."
        ),
    ] = "",
) -> None:
    """Create the catalogue's database, the roles of writers and readers, and the lake's schema."""
    from warehouse.store.lake.create import create_lake

    settings = required_cluster()
    created = create_lake(settings, admin)
    assert settings.store is not None
    if settings.pace is not None:
        from warehouse.control.create import create_control

        create_control(settings.pace.url, settings.store.writer, admin)
    done = [
        *(["the database"] if created.database else []),
        *([f"{plural(len(created.roles), 'role')} ({', '.join(created.roles)})"] if created.roles else []),
    ]
    typer.echo(f"The lake {settings.store.catalog} is ready, its data in {settings.data_url}.")
    typer.echo(f"Created: {' and '.join(done) or 'nothing, all was there'}.")


def move(
    from_home: Annotated[
        Path | None, typer.Option("--from", help="A folder with a warehouse, to be moved into the lake.")
    ] = None,
    to_home: Annotated[
        Path | None, typer.Option("--to", help="A folder without a warehouse, to move the lake's rows into.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move a warehouse into the lake, or back into a file; counts and hashes of each table are compared.

    The source is unchanged. Archived pages are copied when the two have different archives.
    """
    from warehouse.archive.copy import copy_files
    from warehouse.export.move import move_store
    from warehouse.store.home import Home

    lake = Home(home_path(home), required_cluster())
    if (from_home is None) == (to_home is None):
        raise UsageError("Give one of --from DIR and --to DIR.")
    homes = (Home(home_path(from_home)), lake) if from_home is not None else (lake, Home(home_path(to_home)))
    source, target = homes
    manifest = move_store(source, target)
    if lake.cluster is not None and lake.cluster.archive is not None:
        n_copied = copy_files(source.archive, target.archive)
        typer.echo(f"Archive: {plural(n_copied, 'file')} copied to {target.archive.place}.", err=True)
    rows = [(table.name, *table.state) for table in manifest.tables]
    if as_json:
        print_json({"tables": [{"table": name, "rows": n, "hash": checksum} for name, n, checksum in rows]})
    else:
        print_table(["table", "rows", "hash"], [list(row) for row in rows])


def status(as_json: JsonOption = False) -> None:
    """Show the lake's files and states, who holds its locks, and the shards that are worked on."""
    from warehouse.store.lake.catalog import catalog_connection
    from warehouse.store.lake.locks import find_locks
    from warehouse.store.lake.upkeep import read_size

    cluster = required_cluster()
    with catalog_connection(cluster, "cluster status") as catalog:
        size, locks = read_size(catalog), find_locks(catalog)
    shards, n_leases = _work_under_way(cluster)
    if as_json:
        content = {"lake": asdict(size), "locks": [asdict(lock) for lock in locks]}
        print_json({**content, "shards": [asdict(shard) for shard in shards], "hosts_in_use": n_leases})
        return
    typer.echo(
        f"{plural(size.n_files, 'file')} ({size.n_small_files:,} under 1 MB), "
        f"{size.n_bytes / 2**20:,.1f} MB, {plural(size.n_states, 'state')} "
        f"since {size.oldest_at:%Y-%m-%d %H:%M %Z}"
    )
    print_table(
        ["lock", "holder", "machine", "since"],
        [[lock.name, lock.holder, lock.machine, lock.since] for lock in locks],
    )
    if cluster.pace is not None:
        typer.echo(
            f"{len(shards)} of {plural(cluster.shards.n, 'shard')} worked on, "
            f"{plural(n_leases, 'host')} being requested"
        )
        print_table(
            ["shard", "machine", "since"], [[shard.number, shard.machine, shard.since] for shard in shards]
        )


def _work_under_way(cluster: "Cluster") -> "tuple[list[ShardLock], int]":
    """Return the shards that runs work on, and how many hosts are being requested."""
    if cluster.pace is None:
        return [], 0
    from warehouse.control.connection import ControlConnection
    from warehouse.control.host_leases import count_leases
    from warehouse.control.shard_locks import find_locked_shards

    control = ControlConnection(cluster.pace.url, "wirehouse status")
    try:
        return find_locked_shards(cluster.pace.url), count_leases(control)
    finally:
        control.close()


def required_cluster() -> "Cluster":
    """Return the settings of the cluster. Raises ClusterError when there is no file, or no [store] in it."""
    from warehouse.cluster.place import find_cluster
    from warehouse.errors import ClusterError

    cluster = find_cluster()
    if cluster is None:
        raise ClusterError(
            "There is no cluster.toml beside the source list. Write one (docs/reference/cluster.md), or name "
            "it with --cluster or WIREHOUSE_CLUSTER."
        )
    if cluster.store is None:
        raise ClusterError(f"{cluster.file}: there is no [store]. Add it with catalog and data.")
    return cluster


cluster_app.command()(with_debug(init))
cluster_app.command()(with_debug(move))
cluster_app.command()(with_debug(status))
