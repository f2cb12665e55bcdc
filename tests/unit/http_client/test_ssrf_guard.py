"""Which addresses are public, in every notation."""

import pytest

from tasks.errors import ErrorClass
from tasks.http_client.errors import Fault
from tasks.http_client.name_lookup import NameLookup
from tasks.http_client.ssrf_guard import find_addresses, is_public
from tasks.http_client.target import parse_target


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("93.184.215.14", id="IPv4"),
        pytest.param("2606:2800:21f:cb07:6820:80da:af6b:8b2c", id="IPv6"),
        pytest.param("::ffff:93.184.215.14", id="IPv4 mapped"),
        pytest.param("64:ff9b::5db8:d70e", id="public address behind NAT64"),
        pytest.param("2002:5db8:d70e::1", id="public address in 6to4"),
    ],
)
def test_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("127.0.0.1", id="loopback"),
        pytest.param("10.1.2.3", id="private 10"),
        pytest.param("172.31.0.1", id="private 172"),
        pytest.param("192.168.0.1", id="private 192"),
        pytest.param("169.254.169.254", id="link-local, where clouds keep their secrets"),
        pytest.param("100.64.0.1", id="carrier NAT"),
        pytest.param("0.0.0.0", id="this host"),
        pytest.param("224.0.0.1", id="multicast"),
        pytest.param("239.255.255.250", id="multicast, site-local"),
        pytest.param("255.255.255.255", id="broadcast"),
        pytest.param("192.0.2.1", id="documentation"),
        pytest.param("198.18.0.1", id="benchmarks"),
        pytest.param("192.88.99.1", id="6to4 relay"),
        pytest.param("::1", id="IPv6 loopback"),
        pytest.param("::", id="IPv6 unspecified"),
        pytest.param("::127.0.0.1", id="IPv4 compatible"),
        pytest.param("::ffff:127.0.0.1", id="mapped loopback"),
        pytest.param("64:ff9b::7f00:1", id="loopback behind NAT64"),
        pytest.param("64:ff9b::a9fe:a9fe", id="link-local behind NAT64"),
        pytest.param("64:ff9b:1::5db8:d70e", id="local NAT64, even of a public address"),
        pytest.param("2002:7f00:1::", id="loopback in 6to4"),
        pytest.param("2002:c0a8:1::", id="private in 6to4"),
        pytest.param("2001:0:5db8:d70e::1", id="Teredo"),
        pytest.param("2001:db8::1", id="IPv6 documentation"),
        pytest.param("3fff::1", id="new IPv6 documentation"),
        pytest.param("fe80::1", id="IPv6 link-local"),
        pytest.param("fe80::1%eth0", id="with a zone"),
        pytest.param("fc00::1", id="unique local"),
        pytest.param("fec0::1", id="site-local"),
        pytest.param("ff02::1", id="IPv6 multicast"),
        pytest.param("100::1", id="discard"),
        pytest.param("5f00::1", id="segment routing"),
        pytest.param("no address", id="not an address"),
        pytest.param("", id="nothing"),
    ],
)
def test_not_public(address):
    assert not is_public(address)


def find(url, allow=(), addresses=("93.184.215.14",)):
    names = NameLookup(lambda host, port: list(addresses))
    return find_addresses(parse_target(url), frozenset(allow), names=names, timeout_s=1)


def test_an_allowed_host_may_lie_inside():
    assert find("http://intranet:8080/", {"intranet:8080"}, ["10.0.0.7"]) == ["10.0.0.7"]


def test_allow_counts_for_its_port_alone():
    with pytest.raises(Fault) as caught:
        find("http://intranet/", {"intranet:8080"}, ["10.0.0.7"])
    assert caught.value.error_class is ErrorClass.BLOCKED_ADDRESS


def test_a_literal_address_is_not_looked_up():
    with pytest.raises(Fault, match=r"10\.0\.0\.7"):
        find("http://10.0.0.7/", addresses=["93.184.215.14"])


@pytest.mark.parametrize(
    "answer", [[], OSError("no such name"), UnicodeError("label too long"), ValueError("odd")]
)
def test_a_name_without_address(answer):
    def resolver(host, port):
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(Fault) as caught:
        find_addresses(
            parse_target("http://x.example/"), frozenset(), names=NameLookup(resolver), timeout_s=1
        )
    assert caught.value.error_class is ErrorClass.CONNECTION
    assert not caught.value.was_reached
