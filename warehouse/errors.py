"""What makes the store unsafe to use.

WarehouseError            the run stops and leaves the store as it was
  WarehouseLocked           another process is writing; the message names it
  WarehouseMissing          nothing has been loaded yet
  WarehouseCorrupt          the file cannot be read
  SchemaMismatch            written by a newer version, or migrations differ
  UnsafeFileSystem          network file systems do not hold the locks we rest on
  DiskFull                  too little room to load safely
  EngineFailed              DuckDB gave up
  ExportUnusable            the folder that was named for an export or a restore will not do
"""


class WarehouseError(Exception):
    """The warehouse cannot be used; `str()` says why and what to do."""


class WarehouseLocked(WarehouseError):
    """Another process holds the writer's lock."""


class WarehouseMissing(WarehouseError):
    """There is no warehouse here yet."""


class WarehouseCorrupt(WarehouseError):
    """The file is damaged or no DuckDB database."""


class SchemaMismatch(WarehouseError):
    """The file's schema is not one that this version can use."""


class UnsafeFileSystem(WarehouseError):
    """The folder lies where file locks do not hold."""


class DiskFull(WarehouseError):
    """Too little free space to load safely."""


class EngineFailed(WarehouseError):
    """DuckDB gave up; the transaction was undone."""


class ExportUnusable(WarehouseError):
    """A folder was named that no export can go to, or that none can be restored from; the store is well."""
