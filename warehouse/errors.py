"""Errors that make the store unusable, as one tree.

WarehouseError            the run stops and leaves the store as it was
  WarehouseLocked           another process is writing; the message names it
  WarehouseMissing          nothing has been loaded yet
  WarehouseCorrupt          the file cannot be read
  SchemaMismatch            written by a newer version, or migrations differ
  UnsafeFileSystem          on a network file system, where file locks do not work, or at an impossible path
  DiskFull                  too little free space to load safely
  EngineFailed              DuckDB failed
    OutOfMemory               it needed more memory than it may have
    LakeFailed                on a lake; another try opens it again
  LoadConflict              another machine wrote at the same time; the load can be repeated
  LakeUnreachable           the lake's catalogue does not answer, or refuses the role
  ExportUnusable            the folder for an export or a restore cannot be used
  ArchiveUnavailable        the object store of the archive does not take pages
  ControlUnavailable        the PostgreSQL database that several machines share does not answer
  SettingInvalid            an environment variable has a value that cannot be used
ClusterError              cluster.toml cannot be used; nothing has been opened yet
"""


class WarehouseError(Exception):
    """The warehouse cannot be used; `str()` says why and what to do next."""


class WarehouseLocked(WarehouseError):
    """Another process holds the writer's lock."""


class WarehouseMissing(WarehouseError):
    """Nothing has been loaded into this home yet."""


class WarehouseCorrupt(WarehouseError):
    """The file is damaged or not a DuckDB database."""


class SchemaMismatch(WarehouseError):
    """This version cannot use the file's schema."""


class UnsafeFileSystem(WarehouseError):
    """The folder is where file locks or DuckDB's files do not work."""


class DiskFull(WarehouseError):
    """Too little free space to load safely."""


class EngineFailed(WarehouseError):
    """DuckDB failed; the transaction was rolled back."""


class OutOfMemory(EngineFailed):
    """DuckDB needed more memory than it may have; the transaction was rolled back."""


class LakeFailed(EngineFailed):
    """DuckDB failed on a lake; the transaction was rolled back, and another try opens the lake again."""


class LoadConflict(WarehouseError):
    """Another process wrote the lake at the same time; the transaction was rolled back."""


class LakeUnreachable(WarehouseError):
    """The lake's catalogue cannot be used."""


class ExportUnusable(WarehouseError):
    """A folder that cannot take an export, or has none to restore; the store itself is sound."""


class ArchiveUnavailable(WarehouseError):
    """The object store of the archive does not take pages."""


class ControlUnavailable(WarehouseError):
    """The PostgreSQL database that several machines share cannot be used."""


class SettingInvalid(WarehouseError):
    """An environment variable cannot be used; the message names it, its value and the fix."""


class ClusterError(Exception):
    """cluster.toml cannot be used; the message names file, key, value and the fix."""


def why_unreadable(error: Exception) -> str:
    """Return why a file cannot be read or written, and what to do, without the path and error number."""
    if isinstance(error, FileNotFoundError):
        return "no such file. Check the path."
    if isinstance(error, IsADirectoryError):
        return "it is a folder. Name a file in it."
    if isinstance(error, PermissionError):
        return "permission denied. Check the file's permissions."
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 (byte {error.start}). Save it as UTF-8."
    reason = error.strerror if isinstance(error, OSError) else None
    text = (reason or str(error) or type(error).__name__).rstrip(".")
    return f"{text[:1].lower()}{text[1:]}."
