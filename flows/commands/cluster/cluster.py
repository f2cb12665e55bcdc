"""The `cluster` commands: create the store that several machines share, move a warehouse into it and back."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal.registration import with_debug
from warehouse.wording import plural

if TYPE_CHECKING:
    from warehouse.cluster.settings import Cluster

cluster_app = typer.Typer(
    name="cluster", help="More than one machine: the store that cluster.toml describes.", no_args_is_help=True
)


def init(
    admin: Annotated[
        str,
        typer.Option(
            "--admin", help="A role that may create databases and roles, as words of libpq: 'user=postgres'."
        ),
    ] = "",
) -> None:
    """Create the catalogue's database, the roles of writers and readers, and the lake's schema."""
    from warehouse.store.lake.create import create_lake

    settings = required_cluster()
    created = create_lake(settings, admin)
    assert settings.store is not None
    done = [
        *(["the database"] if created.database else []),
        *([f"{plural(len(created.roles), 'role')} ({', '.join(created.roles)})"] if created.roles else []),
    ]
    typer.echo(f"The lake {settings.store.catalog} is ready, its data in {settings.data_url}.")
    typer.echo(f"Created: {' and '.join(done) or 'nothing, all was there'}.")


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
