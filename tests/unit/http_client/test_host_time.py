"""How long one host may keep a run busy."""

from tasks.http_client.host_time import HostTime


def test_a_host_has_time_for_as_many_pages_as_its_gap_allows():
    spent = HostTime(limit_s=10.0)
    n_asked = 0
    while spent.has_left("a.example"):
        spent.add("a.example", gap_s=2.5, duration_s=0.1)
        n_asked += 1
    assert n_asked == 4
    assert spent.has_left("b.example")


def test_a_response_that_takes_longer_than_the_gap_counts_whole():
    spent = HostTime(limit_s=10.0)
    assert [spent.add("a.example", gap_s=1.0, duration_s=6.0) for _ in range(3)] == [False, True, False]
    assert not spent.has_left("a.example")


def test_a_host_without_a_gap_is_bounded_by_its_responses_only():
    spent = HostTime(limit_s=1.0)
    for _ in range(500):
        spent.add("a.example", gap_s=0.0, duration_s=0.001)
    assert spent.has_left("a.example")
