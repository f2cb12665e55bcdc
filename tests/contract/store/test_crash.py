"""Killed and concurrent writers: a short version of bench/warehouse.py."""

from bench.stores.warehouse_stress import run_kills, run_stress
from tests.support.warehouse_rows import a_home


def test_writers_killed_at_random_moments_lose_and_double_nothing(tmp_path):
    outcome = run_kills(a_home(tmp_path), kills=5)
    assert outcome.violations == []
    assert outcome.kills >= 5
    assert outcome.loads >= 2
    assert outcome.kills_with_loads >= 1


def test_writers_and_readers_at_once(tmp_path):
    outcome = run_stress(a_home(tmp_path), seconds=4, writers=2, readers=2)
    assert outcome.is_sound, outcome
    assert outcome.loads >= 1
    assert outcome.queries >= 1
