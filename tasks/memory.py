"""Give freed memory back to the system. After a load: glibc and Arrow keep what was freed for later use."""

import ctypes

import pyarrow as pa


def give_back_freed() -> None:
    """Return freed memory to the system, of all threads; some milliseconds."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
    if trim is not None:
        trim(0)
