"""Errors that make the store unusable, as one tree.

WarehouseError            the run stops and leaves the store as it was
  WarehouseLocked           another process is writing; the message names it
  WarehouseMissing          nothing has been loaded yet
  WarehouseCorrupt          the file cannot be read
  SchemaMismatch            written by a newer version, or migrations differ
  UnsafeFileSystem          on a network file system, where file locks do not work
  DiskFull                  too little free space to load safely
  EngineFailed              DuckDB failed
  ExportUnusable            the folder for an export or a restore cannot be used
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
    """The folder is on a file system where file locks do not work."""


class DiskFull(WarehouseError):
    """Too little free space to load safely."""


class EngineFailed(WarehouseError):
    """DuckDB failed; the transaction was rolled back."""


class ExportUnusable(WarehouseError):
    """A folder that cannot take an export, or has none to restore; the store itself is sound."""
