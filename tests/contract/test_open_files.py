"""The number of hosts at a time is bounded by the limit of open files of a process."""

import subprocess
import sys

import pytest

PROGRAM = """
import logging, resource, sys
from tasks.open_files import allowed_threads
logging.basicConfig(format="%(message)s", stream=sys.stdout)
soft, hard, wanted = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print(allowed_threads(wanted), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "allowed", "limit"),
    [
        pytest.param(1024, 4096, 64, 64, 1024, id="enough: the limit stays"),
        pytest.param(100, 4096, 64, 64, 232, id="a low soft limit is raised"),
        pytest.param(1024, 4096, 512, 512, 1576, id="many threads"),
        pytest.param(64, 64, 64, 8, 64, id="a low hard limit leaves fewer threads"),
        pytest.param(30, 30, 64, 1, 30, id="one thread at least"),
    ],
)
def test_threads_fit_into_the_limit_of_open_files(soft, hard, wanted, allowed, limit):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, (soft, hard, wanted))],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    *warnings, last = done.stdout.splitlines()
    assert last == f"{allowed} {limit}"
    assert bool(warnings) == (allowed < wanted)
    assert all("ulimit -n" in warning for warning in warnings)
