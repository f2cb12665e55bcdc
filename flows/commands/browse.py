"""`wirehouse browse`: pages to search and read the warehouse, on this machine."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal.answers import memory_size
from flows.terminal.filters import read_url
from flows.terminal.options import ConfigOption, HomeOption, config_path, home_path
from tasks.errors import UsageError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from warehouse.archive.files import Archive
    from warehouse.records.page import ArchiveRef
    from web.settings import StoredPage


def browse(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; 0 chooses a free one.")] = 8484,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host", help="A name that browsers may use for this server; repeat for several."
        ),
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    timeout_s: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds a page may take.")] = 5,
    memory: Annotated[str, typer.Option("--memory", help="Memory limit of queries.")] = "1GB",
    home: HomeOption = None,
    config: ConfigOption = None,
) -> None:
    """Search and read the warehouse in a web browser. Read-only; runs until Ctrl-C, follows new snapshots."""
    from functools import partial

    import uvicorn

    from flows.settings import searches_path
    from tasks.alerts.watched import read_watched
    from warehouse.reading.snapshots import SnapshotSource
    from warehouse.store.home import Home
    from web.app import make_app
    from web.safety import host_name
    from web.settings import LOOPBACK_HOSTS, WebSettings

    where = Home.of(home_path(home))
    with (
        _listen(host, port) as listener,
        SnapshotSource(where, timeout_s=timeout_s, memory_limit=memory_size(memory)) as source,
    ):
        with source.session():
            pass  # a home without a snapshot is reported before anything listens
        allowed = LOOPBACK_HOSTS | {host_name(name) for name in allow_host or []}
        searches_file = searches_path(config_path(config))
        watched = partial(read_watched, where, searches_file)
        app = make_app(WebSettings(source, _page_reader(where.archive), read_url, watched, allowed))
        server = uvicorn.Config(app, log_level="warning", server_header=False, lifespan="off", ws="none")
        address = f"http://{_shown_host(host)}:{listener.getsockname()[1]}/"
        typer.echo(f"Browse {where.root} at {address}  Stop with Ctrl-C.")
        if open_browser:
            typer.launch(address)
        uvicorn.Server(server).run(sockets=[listener])


def _listen(host: str, port: int) -> "socket.socket":
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)  # who reads the address below may connect at once
    except OSError as error:
        listener.close()
        raise UsageError(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Choose another with --port."
        ) from error
    return listener


def _shown_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _page_reader(archive: "Archive") -> "Callable[[ArchiveRef], StoredPage]":
    from tasks.archive.reader import read_page
    from web.settings import StoredPage

    def read(ref: "ArchiveRef") -> "StoredPage":
        page = read_page(archive, ref)
        return StoredPage(page.body, page.content_type)

    return read
