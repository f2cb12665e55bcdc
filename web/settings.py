"""What the web application is given: nothing is read from the environment or the clock."""

from collections.abc import Callable
from dataclasses import dataclass

from warehouse.alerts.watched import Watched
from warehouse.reading.filters import AskedUrl
from warehouse.reading.snapshots import SnapshotSource
from warehouse.records.page import ArchiveRef

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page as it was fetched."""

    body: bytes
    content_type: str | None  # as the server sent it


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The application's surroundings."""

    source: SnapshotSource
    read_page: Callable[[ArchiveRef], StoredPage]  # raises OSError or ValueError when it is not there
    read_url: Callable[[str], AskedUrl | None]  # None: the text is not one valid http(s) URL
    read_watched: Callable[[], Watched] = Watched  # the saved searches now, and what was sent of them
    allowed_hosts: frozenset[str] = LOOPBACK_HOSTS  # of the Host header, without port
