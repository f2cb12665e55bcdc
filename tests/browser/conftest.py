import shutil

import pytest

from tests.support.web_home import make_home
from tests.support.web_server import recording_server, web_server

# Chromium's own errands would look for hosts that are not there.
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def web_home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("web") / "home")


@pytest.fixture(scope="session")
def elsewhere():
    with recording_server() as (address, asked):
        yield address, asked


@pytest.fixture(scope="session")
def base(web_home, elsewhere):
    with web_server(web_home, elsewhere=elsewhere[0]) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "no Chromium here: make test-ui installs it where it may, else install it yourself"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()
