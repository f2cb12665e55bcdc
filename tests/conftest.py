"""Shared fixtures: Prefect separate from the user's own, and the location of the sample corpus."""

import os
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

# Prefect reads its settings when it is imported, so they are set before any test does that.
_PREFECT_HOME = tempfile.TemporaryDirectory(prefix="wirehouse-prefect-", ignore_cleanup_errors=True)
os.environ |= {
    "PREFECT_HOME": _PREFECT_HOME.name,
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
}
for name in ("PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_PROFILE", "WIREHOUSE_HOME", "WIREHOUSE_CONFIG"):
    os.environ.pop(name, None)

# A shell starts what runs in the background deaf to Ctrl-C, and every command that a test starts would be,
# too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is not a fault of the code under test; speed is measured under bench/.
settings.register_profile("wirehouse", deadline=None)
settings.load_profile("wirehouse")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def chromium():
    """Return the browser that all tests of pages share."""
    from tests.support.browser import running_chromium

    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of the sample corpus; skip the test when it is missing."""
    folder = Path(os.environ.get("WIREHOUSE_CORPUS", ROOT.parent / "shared" / "corpus")).resolve()
    if not folder.is_dir():
        pytest.skip(f"the sample corpus is not at {folder}; set WIREHOUSE_CORPUS to its location")
    return folder


@pytest.fixture(scope="session")
def prefect_api():
    """Start one Prefect API for all flow tests; heartbeats are off, because each run would wait a second."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    with (
        prefect_test_harness(server_startup_timeout=180),
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        yield
