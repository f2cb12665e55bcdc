"""Scheduled runs under `wirehouse serve`: which are completed at once, and what is asked of the server."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from flows.serving.scheduled_run import NOTHING, complete_idle_run
from tasks.sources import read_sources
from tests.support.warehouse_rows import a_home, store
from warehouse.publish import publish_snapshot
from warehouse.sources import load_sources

RUN = "9f1c"
SOURCES = '[[source]]\nname = "a"\ntitle = "A"\n'
WAIT = {"status": "WAIT", "details": {"delay_seconds": 7}}


class FlowRunServer(ThreadingHTTPServer):
    """Answers as a Prefect server does for one flow run: with `answers` first, then it accepts."""

    def __init__(self, parameters, answers=()):
        super().__init__(("127.0.0.1", 0), self._Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/api"
        self.parameters = parameters
        self.answers = list(answers)
        self.proposed = []
        self.agents = set()

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    class _Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            assert self.path == f"/api/flow_runs/{RUN}"
            self._answer({"id": RUN, "parameters": self.server.parameters})

        def do_POST(self):
            assert self.path == f"/api/flow_runs/{RUN}/set_state"
            state = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["state"]
            self.server.proposed.append((state["type"], state["message"]))
            self.server.agents.add(self.headers["User-Agent"])
            self._answer(self.server.answers.pop(0) if self.server.answers else {"status": "ACCEPT"})

        def _answer(self, body):
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass


@pytest.fixture
def parameters(tmp_path):
    """The parameters of a run of a home that has nothing to do."""
    config = tmp_path / "sources.toml"
    config.write_text(SOURCES)
    home = a_home(tmp_path)
    with store(home) as con:
        load_sources(con, read_sources(config).sources)
    publish_snapshot(home)
    return {"home": str(home.root), "config": str(config), "publish_gap_s": 300}


def test_a_run_with_nothing_to_do_is_completed(parameters):
    with FlowRunServer(parameters) as server:
        assert complete_idle_run(server.url, RUN)
    assert server.proposed == [("RUNNING", None), ("COMPLETED", NOTHING)]


def test_prefect_takes_it_for_a_client_that_keeps_its_concurrency_slot(parameters):
    import prefect.server.models  # noqa: F401  first: it and core_policy import each other
    from prefect.server.api.dependencies import get_prefect_client_version
    from prefect.server.orchestration.core_policy import MIN_CLIENT_VERSION_FOR_CONCURRENCY_LIMIT_LEASING

    with FlowRunServer(parameters) as server:
        complete_idle_run(server.url, RUN)
    (agent,) = server.agents
    version = get_prefect_client_version(agent)
    assert version is not None
    assert type(MIN_CLIENT_VERSION_FOR_CONCURRENCY_LIMIT_LEASING)(version) >= (
        MIN_CLIENT_VERSION_FOR_CONCURRENCY_LIMIT_LEASING
    )


def test_a_run_that_was_started_before_its_time_waits(parameters):
    waited = []
    with FlowRunServer(parameters, [WAIT]) as server:
        assert complete_idle_run(server.url, RUN, sleep=waited.append)
    assert waited == [7]
    assert server.proposed == [("RUNNING", None), ("RUNNING", None), ("COMPLETED", NOTHING)]


def test_work_that_comes_up_while_it_waits_is_left_to_the_engine(parameters, tmp_path):
    def add_source(_):
        (tmp_path / "sources.toml").write_text(SOURCES + SOURCES.replace('"a"', '"b"'))

    with FlowRunServer(parameters, [WAIT]) as server:
        assert not complete_idle_run(server.url, RUN, sleep=add_source)
    assert server.proposed == [("RUNNING", None)]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"every_feed": True}, id="every feed"),
        pytest.param({"recheck": ["https://a.example/1"]}, id="pages that are named"),
        pytest.param({"source": ["nobody"]}, id="an unknown source"),
        pytest.param({"config": "/nowhere/sources.toml"}, id="no source list"),
        pytest.param({"home": "/nowhere"}, id="a new home"),
    ],
)
def test_every_other_run_is_left_to_the_engine(parameters, changes):
    with FlowRunServer(parameters | changes) as server:
        assert not complete_idle_run(server.url, RUN)
    assert server.proposed == []


def test_saved_searches_that_are_not_valid_are_left_to_the_engine(parameters, tmp_path):
    (tmp_path / "searches.toml").write_text("[[search]]\nname = 1\n")
    with FlowRunServer(parameters) as server:
        assert not complete_idle_run(server.url, RUN)


@pytest.mark.parametrize("status", ["REJECT", "ABORT"])
def test_a_refused_state_is_left_to_the_engine(parameters, status):
    with FlowRunServer(parameters, [{"status": status, "details": {}}]) as server:
        assert not complete_idle_run(server.url, RUN)
    assert server.proposed == [("RUNNING", None)]


def test_a_server_that_does_not_answer_is_left_to_the_engine(parameters):
    with FlowRunServer(parameters) as server:
        url = server.url
    assert not complete_idle_run(url, RUN)
