"""How the pages of a run become loads."""

from concurrent.futures import Future
from itertools import count
from types import SimpleNamespace

import pytest

from flows import steps
from flows.step_runner import PipelineStep
from tasks.extract import NOTHING_READY, Extracted, ReadyPages
from tasks.fetch import FetchedPages
from warehouse.records.outcome import Counts
from warehouse.search.index import BATCH_DOCUMENTS


class Plan:
    """Gives these batches, once."""

    def __init__(self, sizes):
        numbers = count()
        self.batches = [[SimpleNamespace(url_key=f"{next(numbers)}") for _ in range(n)] for n in sizes]
        self.done = []

    def next_batches(self, now):
        batches, self.batches = self.batches, []
        return batches

    def note_done(self, url_keys):
        self.done += url_keys


def submit(step, *inputs):
    done = Future()
    done.set_result(step.function(*(i.result() if isinstance(i, Future) else i for i in inputs)))
    return done


def watch_index(monkeypatch, n):
    sizes = []

    def index(home):
        sizes.append(n)
        return n

    monkeypatch.setattr(steps, "index", PipelineStep("index", index))
    return sizes


@pytest.fixture
def indexed(monkeypatch):
    """Return a list that gets the size of each batch of articles that is indexed."""
    return watch_index(monkeypatch, BATCH_DOCUMENTS)


@pytest.fixture
def load_sizes(monkeypatch, indexed):
    """Return a function that streams batches of these sizes, and returns the sizes of the loads."""

    def stream(*sizes):
        loads = []

        def load(run, ready):
            loads.append(len(ready.fetched.fetches))
            return Counts(n_fetched=loads[-1], n_new=loads[-1] - 1, n_revised=1)

        def extract(extractor, fetched):
            return ReadyPages(fetched, Extracted((), ())) if fetched.fetches else NOTHING_READY

        stubs = {
            "fetch_ready": lambda fetcher, batch: FetchedPages(fetches=tuple(batch)),
            "extract_ready": extract,
            "load_ready": load,
        }
        for name, stub in stubs.items():
            monkeypatch.setattr(steps, name, PipelineStep(name, stub))
        parts = dict.fromkeys(("sources", "client", "parser", "archive", "pool"))
        added = []
        run = SimpleNamespace(
            **parts, home=SimpleNamespace(archive=None), result=SimpleNamespace(add=added.append)
        )
        plan = Plan(sizes)
        steps.NewsStream(run, submit, (), plan).run()
        assert plan.done == [f"{number}" for number in range(sum(sizes))]
        assert sum(counts.n_fetched for counts in added) == sum(loads)
        return loads

    return stream


def test_small_batches_are_loaded_together(load_sizes):
    assert load_sizes(200, 200, 200, 200, 1) == [400, 401]  # three came while the first two were loaded
    assert load_sizes(60, 60, 60) == [180]


def test_pages_that_have_waited_are_loaded_without_others(load_sizes, monkeypatch):
    monkeypatch.setattr(steps, "LOAD_AFTER_S", 0.0)
    first, *others = load_sizes(60, 60, 60, 60)
    assert (first, sum(others)) == (60, 180)


def test_a_batch_without_pages_loads_nothing(load_sizes):
    assert load_sizes(0, 0) == []


def test_each_thousand_new_articles_are_indexed_during_the_run(load_sizes, indexed):
    load_sizes(*[200] * 5, 199)
    assert len(indexed) == 1
    load_sizes(*[200] * 10)
    assert len(indexed) == 1 + 2


def test_articles_that_another_process_indexed_are_not_asked_for_again(load_sizes, monkeypatch):
    indexed = watch_index(monkeypatch, 0)
    load_sizes(*[200] * 9)
    assert len(indexed) == 1


def test_fewer_are_left_to_the_publication(load_sizes, indexed):
    load_sizes(*[200] * 4, 199)
    assert indexed == []
