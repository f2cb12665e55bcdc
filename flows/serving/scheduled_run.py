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
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flows.settings import config_file, home_folder
from tasks.errors import SourcesError
from tasks.plan import find_work, note_idle
from tasks.sources import read_sources, select_sources
from warehouse.errors import WarehouseError

NOTHING = "Nothing to do: no feed, page or snapshot is due."
_TIMEOUT_S = 30

log = logging.getLogger("wirehouse.serve")


def main() -> None:
    """Complete the flow run when it has nothing to do; otherwise let Prefect's engine execute it."""
    if not complete_idle_run(os.environ["PREFECT_API_URL"], os.environ["PREFECT__FLOW_RUN_ID"]):
        sys.argv = ["prefect.engine"]
        runpy.run_module("prefect.engine", run_name="__main__")


def complete_idle_run(api_url: str, run_id: str) -> bool:
    """Return whether the run was completed here because it has nothing to do."""
    path = f"{api_url}/flow_runs/{run_id}"
    try:
        if not is_idle(_ask(path)["parameters"]):
            return False
        if not _set_state(path, "RUNNING", "Running", ""):
            return False
        return _set_state(path, "COMPLETED", "Completed", NOTHING)
    except (OSError, ValueError, KeyError):  # the engine asks again, and reports what fails then
        log.debug("The run is left to Prefect's engine", exc_info=True)
        return False


def is_idle(parameters: Mapping[str, Any]) -> bool:
    """Say whether a run of `ingest` with these parameters would change nothing."""
    if parameters.get("every_feed") or parameters.get("recheck"):
        return False
    try:
        sources = read_sources(config_file(parameters.get("config")))
        selected = select_sources(sources, parameters.get("source"))
        home, gap_s = home_folder(parameters.get("home")), parameters.get("publish_gap_s") or 0
        if find_work(home, sources, selected, datetime.now(UTC), publish_gap_s=gap_s) is not None:
            return False
        note_idle(home)
        return True
    except (SourcesError, WarehouseError):  # the flow reports it
        return False


def _set_state(path: str, kind: str, name: str, message: str) -> bool:
    """Propose a state; return whether Prefect accepted it."""
    state = {"type": kind, "name": name, "message": message}
    return bool(_ask(f"{path}/set_state", {"state": state})["status"] == "ACCEPT")


def _ask(url: str, body: Mapping[str, Any] | None = None) -> Any:
    """Send a GET request, or a POST with a JSON body; return the JSON of the answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers)  # noqa: S310  the server that runs us
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
        return json.load(answer)


if __name__ == "__main__":
    main()
