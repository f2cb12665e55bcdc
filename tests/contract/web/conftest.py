import pytest

from tests.support.web_home import WATCHED
from tests.support.web_server import web_server


@pytest.fixture(scope="session")
def base(web_home):
    with web_server(web_home, read_watched=lambda: WATCHED) as address:
        yield address


@pytest.fixture(scope="session")
def ids(base):
    """Return article ids by the number in their URL."""
    import requests

    listed = requests.get(f"{base}/api/v1/articles", params={"limit": 500}, timeout=60).json()["articles"]
    return {
        a["url"].rsplit("/", 1)[1]: a["article_id"] for a in listed if a["url"].startswith("https://news.")
    }
