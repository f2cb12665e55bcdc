"""The folder of one warehouse, and the paths in it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.archive.files import Archive, FileArchive
from warehouse.cluster.place import find_cluster

if TYPE_CHECKING:
    from warehouse.cluster.settings import Cluster


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one warehouse, and the cluster that holds what is not in the folder."""

    root: Path
    cluster: "Cluster | None" = None  # None: everything is in the folder

    @classmethod
    def of(cls, home: "Home | Path | str | None" = None) -> "Home":
        """Return the home: as given, else WIREHOUSE_HOME, else ./data; with the cluster of `cluster.toml`.

        Raises ClusterError.
        """
        if isinstance(home, Home):
            return home
        root = Path(home or os.environ.get("WIREHOUSE_HOME") or "data").expanduser()
        return cls(root, find_cluster())

    @property
    def has_lake(self) -> bool:
        """Say whether the store is a lake instead of a file in the folder."""
        return self.cluster is not None and self.cluster.store is not None

    @property
    def store_name(self) -> str:
        """Where the store is, for messages."""
        store = self.cluster and self.cluster.store
        return f"the lake {store.catalog}" if store else str(self.root)

    @property
    def state_dir(self) -> Path:
        """Files that only wirehouse itself reads."""
        return self.root / "state"

    @property
    def state_file(self) -> Path:
        """The store; only a writer's session opens it."""
        return self.state_dir / "warehouse.duckdb"

    @property
    def snapshot_file(self) -> Path:
        """The snapshot that people query; replaced as a whole."""
        return self.root / "news.duckdb"

    @property
    def snapshot_note(self) -> Path:
        """Which state of the store the snapshot is a copy of, as JSON."""
        return self.state_dir / "snapshot.json"

    @property
    def idle_file(self) -> Path:
        """Touched when an ingest was asked for and had nothing to do: it records no run."""
        return self.state_dir / "idle"

    @property
    def pages_dir(self) -> Path:
        """The raw archive of one machine."""
        return self.root / "pages"

    @property
    def archive(self) -> Archive:
        """The raw archive: files in the folder, or objects of the cluster."""
        if self.cluster is None or self.cluster.archive is None:
            return FileArchive(self.pages_dir)
        from warehouse.archive.objects import ObjectArchive

        return ObjectArchive.of(self.cluster)

    @property
    def hosts_dir(self) -> Path:
        """One lock file per web host, with the time of the last request to it."""
        return self.state_dir / "hosts"

    @property
    def lock_file(self) -> Path:
        """The writer's lock."""
        return self.state_dir / "warehouse.lock"

    @property
    def owner_file(self) -> Path:
        """The holder of the writer's lock, as JSON."""
        return self.state_dir / "warehouse.owner.json"

    @property
    def publish_lock_file(self) -> Path:
        """The publisher's lock; a writer may work while it is held."""
        return self.state_dir / "publish.lock"

    @property
    def exclusive_lock_file(self) -> Path:
        """The lock of work on the whole archive or store."""
        return self.state_dir / "exclusive.lock"

    @property
    def forgetting_file(self) -> Path:
        """The journal of a `forget` in progress, as JSON."""
        return self.state_dir / "forgetting.json"

    @property
    def merging_file(self) -> Path:
        """The journal of a merge of archive files in progress, as JSON."""
        return self.state_dir / "merging.json"

    @property
    def deliveries_file(self) -> Path:
        """What was sent for saved searches and what is pending, as JSON."""
        return self.state_dir / "deliveries.json"

    @property
    def outcomes_file(self) -> Path:
        """Which messages of saved searches were sent or failed, not yet in the store: lines of JSON."""
        return self.state_dir / "outcomes.jsonl"

    @property
    def feed_note(self) -> Path:
        """Which feed files were written, as JSON."""
        return self.state_dir / "feeds.json"

    @property
    def hashes_dir(self) -> Path:
        """The hashes of a large store in sorted files: a cache, built when it is missing."""
        return self.state_dir / "hashes"

    @property
    def spill_dir(self) -> Path:
        """Where DuckDB spills what does not fit into a writer's memory."""
        return self.state_dir / "spill"
