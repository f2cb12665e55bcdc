"""The pages of one run: looked for after each poll, each planned once."""

from tasks.plan import PAGES_PER_SOURCE, PagePlan
from tests.support.warehouse_rows import NOW, a_home, entry, key, poll, polled


def keys(batches):
    return [request.url_key for batch in batches for request in batch]


def test_pages_are_known_after_the_poll_of_their_feed(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    plan = PagePlan(home)
    assert keys(plan.next_batches(NOW)) == []
    plan.note_polled(["alpha"])
    assert keys(plan.next_batches(NOW)) == [key(1)]
    assert keys(plan.next_batches(NOW)) == []


def test_sources_without_a_due_feed_come_first(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    assert keys(PagePlan(home, ["beta"]).next_batches(NOW)) == []
    assert keys(PagePlan(home, ["alpha"]).next_batches(NOW)) == [key(1)]


def test_a_second_feed_of_a_source_adds_its_own_pages(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    plan = PagePlan(home, ["alpha"])
    first = plan.next_batches(NOW)
    poll(home, polled(entry(1), entry(2), feed="https://news.example/other"))
    plan.note_polled(["alpha"])
    assert keys(first) == [key(1)]
    assert keys(plan.next_batches(NOW)) == [key(2)]


def test_the_limit_of_a_source_is_that_of_the_run(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(*(entry(n) for n in range(PAGES_PER_SOURCE - 1))))
    plan = PagePlan(home, ["alpha"])
    n_first = len(keys(plan.next_batches(NOW)))
    poll(home, polled(*(entry(n) for n in range(PAGES_PER_SOURCE, PAGES_PER_SOURCE + 9)), at=NOW))
    plan.note_polled(["alpha"])
    assert n_first + len(keys(plan.next_batches(NOW))) == PAGES_PER_SOURCE


def test_pages_that_are_named_are_fetched_before_others(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1), entry(2)))
    named = [request for batch in PagePlan(home, ["alpha"]).next_batches(NOW) for request in batch]
    plan = PagePlan(home, ["alpha"], pages=[named[1]])
    assert keys(plan.next_batches(NOW)) == [key(2), key(1)]


def test_many_pages_are_planned_some_at_a_time(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(*(entry(n) for n in range(45))))
    plan = PagePlan(home, ["alpha"], pages_at_once=20)
    parts = [keys(plan.next_batches(NOW)) for _ in range(4)]
    assert [len(part) for part in parts] == [20, 20, 5, 0]
    assert len({page for part in parts for page in part}) == 45


def test_a_source_that_is_polled_later_gets_no_more_than_its_share(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(*(entry(n) for n in range(30))))
    plan = PagePlan(home, ["alpha"], pages_at_once=20)
    plan.next_batches(NOW)
    poll(home, polled(*(entry(n) for n in range(100, 130)), feed="https://news.example/other"))
    plan.note_polled(["alpha"])
    parts = [len(keys(plan.next_batches(NOW))) for _ in range(3)]
    assert parts == [20, 20, 0]
