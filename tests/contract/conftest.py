import pytest

from tests.support.web_home import make_home


@pytest.fixture(scope="session")
def web_home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("web") / "home")
