import pytest

from tests.support.web_home import WATCHED, make_home
from tests.support.web_server import recording_server, web_server


@pytest.fixture(scope="session")
def web_home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("web") / "home")


@pytest.fixture(scope="session")
def elsewhere():
    with recording_server() as (address, asked):
        yield address, asked


@pytest.fixture(scope="session")
def base(web_home, elsewhere):
    with web_server(web_home, elsewhere=elsewhere[0], read_watched=lambda: WATCHED) as address:
        yield address
