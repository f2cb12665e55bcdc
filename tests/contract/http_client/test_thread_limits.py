"""Requests where the system starts few threads or none, in processes with a limit of memory of their own."""

import subprocess
import sys

import pytest

# Each thread takes a stack of 256 MB from an address space that has room for a few of them.
PROGRAM = """
import resource, sys, threading
from pathlib import Path
from tasks.errors import WorkersUnavailable
from tasks.http_client.host_queue import HostQueues
threading.stack_size(256 * 2**20)
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[1]) * 2**20, resource.RLIM_INFINITY))
queues = HostQueues(64)
try:
    jobs = [queues.submit(f"host-{n}", f"source-{n}", lambda: 1, lambda: 0.0) for n in range(20)]
    print(sum(job.result() for job in jobs))
except WorkersUnavailable as error:
    print(error)
queues.close()
"""


@pytest.mark.parametrize(("room_mb", "said"), [(900, "20"), (100, "No thread can be started for requests.")])
def test_requests_go_on_with_the_threads_that_can_be_started(room_mb, said):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(room_mb)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(said)


def test_a_worker_accepts_a_lower_limit_of_memory():
    program = (
        "import resource; from tasks.workers.limits import limit_worker;"
        "resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31)); limit_worker(2**32);"
        "print(resource.getrlimit(resource.RLIMIT_AS) == (2**31, 2**31))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("True\n", "")
