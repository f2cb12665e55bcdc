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


class FlowRunServer(ThreadingHTTPServer):
    """Answers as a Prefect server does for one flow run; refuses the states in `refused`."""

    def __init__(self, parameters, refused=()):
        super().__init__(("127.0.0.1", 0), self._Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/api"
        self.parameters = parameters
        self.refused = refused
        self.proposed = []

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
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
            self._answer({"status": "REJECT" if state["type"] in self.server.refused else "ACCEPT"})

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
    assert server.proposed == [("RUNNING", ""), ("COMPLETED", NOTHING)]


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


def test_a_refused_state_is_left_to_the_engine(parameters):
    with FlowRunServer(parameters, refused=("RUNNING",)) as server:
        assert not complete_idle_run(server.url, RUN)
    assert server.proposed == [("RUNNING", "")]


def test_a_server_that_does_not_answer_is_left_to_the_engine(parameters):
    with FlowRunServer(parameters) as server:
        url = server.url
    assert not complete_idle_run(url, RUN)
