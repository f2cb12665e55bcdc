import pytest


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory):
    """Return the home that the documentation asks its questions of; a test that writes copies it."""
    from manual.demo_store import make_demo_store

    folder = tmp_path_factory.mktemp("demo")
    make_demo_store(folder)
    return folder
