"""How many hosts a process can request at the same time with its limit of open files.

Used by `tasks.run` before the HTTP client is opened: a connection that finds no free file descriptor would be
counted as a failure of its feed.
"""

import logging
import resource

log = logging.getLogger("wirehouse")

_FILES_OF_A_RUN = 40  # store, archive, workers, log; 18 were counted
_FILES_OF_A_HOST = 3  # its connection, its lock file, robots.txt while it is written


def allowed_threads(wanted: int) -> int:
    """Return how many of the wanted threads the limit of open files allows; raise the limit if it is low."""
    needed = _FILES_OF_A_RUN + _FILES_OF_A_HOST * wanted
    limit = _raise_limit(needed)
    if limit >= needed:
        return wanted
    allowed = max(1, (limit - _FILES_OF_A_RUN) // _FILES_OF_A_HOST)
    log.warning(
        "Only %d open files are allowed, so %d instead of %d hosts are requested at a time; raise the limit "
        "to %d (ulimit -n, LimitNOFILE)",
        *(limit, allowed, wanted, needed),
    )
    return allowed


def _raise_limit(needed: int) -> int:
    """Raise the soft limit as far as the hard one allows; return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return needed
    raised = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if raised > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    return max(soft, raised)
