"""Keep the memory of a process small: glibc and Arrow keep what was freed for later use."""

import ctypes

import pyarrow as pa

_M_ARENA_MAX = -8  # mallopt(3)


def bound_arenas() -> None:
    """Let threads that start later share two arenas of glibc: each arena keeps what its threads freed."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 2)


def give_back_freed() -> None:
    """Return freed memory to the system, of all threads; some milliseconds."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
    if trim is not None:
        trim(0)
