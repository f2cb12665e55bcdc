import pytest

from demo.site import DemoSite


@pytest.fixture(scope="session")
def sites():
    """Return the demo's sites, which serve until the last test has ended."""
    with DemoSite() as running:
        yield running


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory, sites):
    """Return the home that the documentation asks its questions of; a test that writes copies it."""
    from manual.demo_store import make_demo_store

    folder = tmp_path_factory.mktemp("demo")
    make_demo_store(folder, sites)
    return folder
