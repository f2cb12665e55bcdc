"""Answers of the name server: used again for some seconds, and never one that failed."""

import pytest

from tasks.http_client.errors import Fault
from tasks.http_client.name_lookup import KEEP_S, NameLookup
from tasks.http_client.target import parse_target

NEWS = parse_target("http://news.example/")


class Server:
    """A name server that gives another address each time."""

    def __init__(self):
        self.asked = []
        self.error = None

    def __call__(self, host, port):
        self.asked.append((host, port))
        if self.error:
            raise self.error
        return [f"192.0.2.{len(self.asked)}"]


@pytest.fixture
def server():
    return Server()


def test_an_answer_is_used_again_for_some_seconds(server):
    now = [1_000.0]
    names = NameLookup(server, clock=lambda: now[0])
    assert [names.find(NEWS, 1) for _ in range(3)] == [["192.0.2.1"]] * 3
    now[0] += KEEP_S
    assert names.find(NEWS, 1) == ["192.0.2.2"]


def test_each_host_and_port_has_its_own(server):
    names = NameLookup(server)
    assert names.find(NEWS, 1) != names.find(parse_target("http://other.example/"), 1)
    names.find(parse_target("https://news.example/"), 1)
    assert server.asked == [("news.example", 80), ("other.example", 80), ("news.example", 443)]


def test_an_address_that_cannot_be_connected_to_is_looked_up_again(server):
    names = NameLookup(server)
    names.find(NEWS, 1)
    names.forget(NEWS)
    assert names.find(NEWS, 1) == ["192.0.2.2"]


def test_a_failure_is_not_kept(server):
    names = NameLookup(server)
    server.error = OSError("temporary failure in name resolution")
    with pytest.raises(Fault, match=r"news\.example does not resolve"):
        names.find(NEWS, 1)
    server.error = None
    assert names.find(NEWS, 1) == ["192.0.2.2"]


def test_a_literal_address_is_not_looked_up(server):
    assert NameLookup(server).find(parse_target("http://192.0.2.9/"), 1) == ["192.0.2.9"]
    assert server.asked == []
