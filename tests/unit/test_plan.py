"""The plan of a run: due feeds, mixed hosts, bounded batches."""

from tasks.plan import PAGES_PER_BATCH, batch_pages
from warehouse.records.feed import FeedEntry
from warehouse.records.page import PageRequest


def request(host, n):
    url = f"https://{host}.example/{n}"
    return PageRequest(host, url, f"{host}.example/{n}", FeedEntry(url))


def test_batches_mix_hosts_and_keep_each_hosts_order():
    requests = [request("a", n) for n in range(3)] + [request("b", n) for n in range(2)]
    (batch,) = batch_pages(requests)
    assert [r.url_key for r in batch] == [
        "a.example/0",
        "b.example/0",
        "a.example/1",
        "b.example/1",
        "a.example/2",
    ]


def test_batches_are_bounded_and_lose_nothing():
    requests = [request("a", n) for n in range(PAGES_PER_BATCH * 2 + 1)]
    batches = batch_pages(requests)
    assert [len(batch) for batch in batches] == [PAGES_PER_BATCH, PAGES_PER_BATCH, 1]
    assert [r for batch in batches for r in batch] == requests
