"""The Prefect worker of `wirehouse serve`; it ends with its parent, and its flow runs end with it.

python -m flows.serving.worker
"""

import os
import runpy
import sys

from flows.serving.lifeline import end_with_parent
from flows.serving.processes import end_run_processes

POOL = "wirehouse"
N_RUNS = 4  # at the same time


def main() -> None:
    """Run `prefect worker start` until the parent process ends."""
    api_url = os.environ["PREFECT_API_URL"]
    end_with_parent(before=lambda: end_run_processes(api_url, grace_s=2))
    arguments = ["--no-prompt", "worker", "start", "--pool", POOL, "--limit", str(N_RUNS)]
    sys.argv = ["prefect", *arguments]
    runpy.run_module("prefect", run_name="__main__")


if __name__ == "__main__":
    main()
