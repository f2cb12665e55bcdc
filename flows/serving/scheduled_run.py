"""One run of `ingest` under `wirehouse serve`: it ends at once when there is nothing to do.

    python -m flows.serving.scheduled_run

The worker starts it with the run's id in PREFECT__FLOW_RUN_ID, instead of Prefect's engine. The engine, whose
import costs more than a second, is loaded only when the run has work, and for everything that is not expected
here.
"""

import json
import logging
import os
import runpy
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flows.settings import config_file, home_folder, searches_path
from flows.startup import keep_pandas_out
from tasks.alerts.due import send_due_alerts
from tasks.errors import SourcesError
from tasks.plan import find_work, note_idle
from tasks.sources import read_sources, select_sources
from warehouse.errors import WarehouseError
from warehouse.store.home import Home

NOTHING = "Nothing to do: no feed, page or snapshot is due."
_TIMEOUT_S = 30
_API_VERSION = "0.8.4"  # prefect.client.constants.SERVER_API_VERSION

log = logging.getLogger("wirehouse.serve")


def main() -> None:
    """Complete the flow run when it has nothing to do; otherwise let Prefect's engine execute it."""
    keep_pandas_out()
    if not complete_idle_run(os.environ["PREFECT_API_URL"], os.environ["PREFECT__FLOW_RUN_ID"]):
        sys.argv = ["prefect.engine"]
        runpy.run_module("prefect.engine", run_name="__main__")


def complete_idle_run(api_url: str, run_id: str, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Return whether the run was completed here because it has nothing to do.

    A worker starts a run some seconds before its time. Prefect then answers that it has to wait, and whether
    there is something to do is asked again at that time.
    """
    path = f"{api_url}/flow_runs/{run_id}"
    try:
        parameters = _ask(path)["parameters"]
        while _is_idle(parameters):
            answer = _propose(path, "RUNNING", None)
            if answer["status"] == "ACCEPT":
                return bool(_propose(path, "COMPLETED", NOTHING)["status"] == "ACCEPT")
            if answer["status"] != "WAIT":
                return False
            sleep(answer["details"]["delay_seconds"])
    except (OSError, ValueError, KeyError):  # the engine asks again, and reports what fails then
        log.debug("The run is left to Prefect's engine", exc_info=True)
    return False


def _is_idle(parameters: Mapping[str, Any]) -> bool:
    """Say whether a run of `ingest` would change nothing; if so, send the alerts that are due."""
    if parameters.get("every_feed") or parameters.get("recheck"):
        return False
    config, home = config_file(parameters.get("config")), home_folder(parameters.get("home"))
    gap_s = parameters.get("publish_gap_s") or 0
    try:
        return _has_no_work(home, config, parameters.get("source"), gap_s) and not send_due_alerts(
            home, searches_path(config), datetime.now(UTC)
        )
    except (SourcesError, WarehouseError):  # the flow reports it
        return False


def _has_no_work(home: Home, config: Path, names: list[str] | None, publish_gap_s: float) -> bool:
    sources = read_sources(config)
    selected = select_sources(sources, names)
    if find_work(home, sources, selected, datetime.now(UTC), publish_gap_s=publish_gap_s) is not None:
        return False
    note_idle(home)
    return True


def _propose(path: str, kind: str, message: str | None) -> Any:
    """Propose a state; return Prefect's answer."""
    state = {"type": kind, "name": kind.capitalize(), "message": message}
    return _ask(f"{path}/set_state", {"state": state})


def _ask(url: str, body: Mapping[str, Any] | None = None) -> Any:
    """Send a GET request, or a POST with a JSON body; return the JSON of the answer."""
    data = None if body is None else json.dumps(body).encode()
    # As Prefect's client says it: a run of an unknown version loses the lease of its concurrency slot.
    agent = f"prefect/{version('prefect')} (API {_API_VERSION})"
    headers = {"Content-Type": "application/json", "User-Agent": agent}
    request = urllib.request.Request(url, data, headers)  # noqa: S310  the server that runs us
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
        return json.load(answer)


if __name__ == "__main__":
    main()
