"""What the disk must provide: file locks that work, and free space.

Checked before the store is opened. DuckDB's lock and ours are kept by the kernel of one host: on a network
file system two hosts can hold them at once, and two writers would corrupt the file.
"""

import os
import re
import shutil
from pathlib import Path

from warehouse.errors import DiskFull, UnsafeFileSystem

MIN_FREE_BYTES = 16 * 2**20  # a batch of a few hundred pages, its log and its checkpoint

_NETWORK_TYPES = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs",
    "orangefs", "pvfs2", "ocfs2", "davfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.ceph-fuse",
    "fuse.s3fs", "fuse.goofys", "fuse.gcsfuse", "fuse.rclone", "fuse.davfs", "fuse.curlftpfs", "fuse.juicefs",
    "fuse.mount-s3", "fuse.blobfuse2", "fuse.seaweedfs", "fuse.mfs",
})  # fmt: skip


def assert_local(path: Path) -> None:
    """Raise UnsafeFileSystem when the folder is on a network file system.

    Without /proc/mounts the type is not known and every folder is accepted.
    """
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    kind = network_type(path.resolve(), mounts.read_text(encoding="utf-8", errors="replace"))
    if kind:
        raise UnsafeFileSystem(
            f"{path} is on a network file system ({kind}). File locks do not work there between hosts, and "
            "two writers would corrupt the warehouse. Choose a home on a local disk (--home, WIREHOUSE_HOME)."
        )


def assert_name(path: Path) -> None:
    """Raise UnsafeFileSystem when the folder's name is one in which DuckDB cannot write.

    It takes what follows a ? for options, and names the log of a file by what comes before.
    """
    if "?" in str(path):
        raise UnsafeFileSystem(
            f"The path {path} contains a question mark, with which DuckDB cannot write the warehouse. Choose "
            "a home without one (--home, WIREHOUSE_HOME)."
        )


def network_type(path: Path, mounts: str) -> str | None:
    """Return the type of the network file system that holds the path; None for a local one.

    `mounts` is the text of /proc/mounts (fstab(5): spaces in it are written \\040).
    """
    best, kind = Path("/"), ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), fields[1]))
        if path.is_relative_to(point) and len(point.parts) >= len(best.parts):
            best, kind = point, fields[2]
    return kind if kind in _NETWORK_TYPES else None


def assert_room(path: Path, needed_bytes: int, what_for: str) -> None:
    """Raise DiskFull when the folder's disk has less free space than is needed."""
    free = shutil.disk_usage(path).free
    if free < needed_bytes:
        raise DiskFull(
            f"The disk of {path} has {free / 2**20:,.0f} MB free; {what_for} needs "
            f"{needed_bytes / 2**20:,.0f} MB. Nothing was written. Free some space and run again."
        )


def write_note(file: Path, text: str) -> None:
    """Write a small file that only the owner's group may read."""
    file.touch(mode=0o640)
    file.write_text(text, encoding="utf-8")


def make_folder(folder: Path) -> None:
    """Create a folder, if needed, that only the owner's group may enter."""
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)


def sync_folder(folder: Path) -> None:
    """Make renames in this folder durable (fsync)."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
