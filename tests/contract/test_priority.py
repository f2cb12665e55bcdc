"""A backfill gives way to scheduled runs, but not indefinitely."""

from tasks.priority import MAX_WAIT_S, scheduled_run, wait_for_scheduled_runs
from warehouse.store.connection import Home


def test_without_a_scheduled_run_nothing_is_waited_for(tmp_path):
    assert wait_for_scheduled_runs(Home(tmp_path), sleep=lambda _: None) == 0


def test_a_backfill_waits_until_the_last_scheduled_run_has_ended(tmp_path):
    home = Home(tmp_path)
    runs = [scheduled_run(home), scheduled_run(home)]
    for run in runs:
        run.__enter__()
    naps = []

    def sleep(seconds):
        naps.append(seconds)
        if len(naps) in {2, 4}:
            runs.pop().__exit__(None, None, None)

    assert wait_for_scheduled_runs(home, sleep=sleep) == sum(naps)
    assert len(naps) == 4


def test_a_run_that_takes_very_long_holds_it_up_no_further(tmp_path):
    home = Home(tmp_path)
    with scheduled_run(home):
        assert wait_for_scheduled_runs(home, sleep=lambda _: None) == MAX_WAIT_S
