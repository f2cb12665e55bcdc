"""Two processes load the same keys at once, a third reads; loaders are killed: nothing doubled, lost or half.

As long as it takes to race; `python -m bench.cluster` runs the same for a minute and with twenty kills.
"""

from datetime import UTC, datetime

from tests.support.cluster.lake_races import kill_loaders, race
from warehouse.inspection.doctor import Level, check_store
from warehouse.store.connection import open_store


def assert_nothing_doubled_or_lost(outcome):
    assert (outcome.rows, outcome.keys, outcome.texts) == (outcome.expected,) * 3
    assert (outcome.wrong_reads, outcome.read_errors) == (0, [])


def has_raced(outcome):
    return outcome.n_loads >= 4 and outcome.raced >= 1 and outcome.reads >= 3


def was_refused(outcome):
    return has_raced(outcome) and outcome.conflicts >= 1 and outcome.repeated >= 1


def test_two_writers_race(lake):
    outcome = race(lake, is_enough=has_raced)
    assert_nothing_doubled_or_lost(outcome)
    assert has_raced(outcome), outcome
    assert outcome.conflicts == 0, "the lock lets nobody begin a load in vain"


def test_two_writers_race_without_the_lock(lake):
    """The fence alone: nothing doubled, but loads are refused and repeated."""
    outcome = race(lake, has_lock=False, is_enough=was_refused)
    assert_nothing_doubled_or_lost(outcome)
    assert was_refused(outcome), outcome


def test_killed_loaders(lake):
    outcome = kill_loaders(lake, kills=3, in_flight=1)
    assert outcome.kills >= 3
    assert outcome.in_flight >= 1, "no loader was killed in the middle of a load"
    assert outcome.lost == []
    assert outcome.half == []
    with open_store(lake, owner="a test") as con:
        findings = list(check_store(con, datetime.now(UTC)))
    assert [f.sentence for f in findings if f.level is Level.ERROR] == []
