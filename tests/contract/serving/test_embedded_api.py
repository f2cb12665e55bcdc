"""The API that a run brings with it: it answers, and ends with the run however that ends."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[3]
RUN = """
import os, sys, time
from pathlib import Path
from flows.serving.embedded import embedded_api
with embedded_api(Path(sys.argv[1])):
    print(os.environ["PREFECT_API_URL"], "prefect.server" in sys.modules, flush=True)
    time.sleep(600)
"""


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_the_api_lives_as_long_as_the_run_that_was_killed(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        url, is_server_here = run.stdout.readline().split()
        try:
            assert answers(f"{url}/health")
            assert is_server_here == "False"
            assert (tmp_path / "prefect" / "prefect.db").exists()
        finally:
            run.send_signal(signal.SIGKILL)
    give_up_at = time.monotonic() + 30
    while answers(f"{url}/health"):
        assert time.monotonic() < give_up_at, "The API outlived its run."
        time.sleep(0.05)
