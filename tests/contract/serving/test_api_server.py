"""The log of the Prefect server under `wirehouse serve`."""

import logging
import sqlite3

import pytest

from flows.serving.api_server import BusyDatabase


@pytest.fixture
def said(caplog):
    """Return a way to log an error as Prefect's server does, and what the log then has."""
    logger = logging.getLogger("test.prefect.server")
    logger.addFilter(BusyDatabase())

    def log(error):
        try:
            raise error
        except type(error):
            logger.exception("Encountered error during state validation")
        return caplog.records[-1].levelname, caplog.text

    return log


def locked(file):
    """Return the error of a write that waits for another one."""
    first, second = (sqlite3.connect(file, timeout=0, isolation_level=None) for _ in range(2))
    first.execute("begin immediate")
    try:
        second.execute("begin immediate")
    except sqlite3.OperationalError as error:
        return error
    finally:
        first.close()
        second.close()
    raise AssertionError("the database is not locked")


def test_a_busy_database_is_one_line(said, tmp_path):
    level, text = said(locked(tmp_path / "prefect.db"))
    assert level == "WARNING"
    assert text.count("\n") == 1
    assert "Encountered error during state validation: Prefect's database was busy; it tries again." in text


def test_any_other_error_keeps_its_traceback(said):
    level, text = said(sqlite3.OperationalError("disk I/O error"))
    assert level == "ERROR"
    assert "Traceback" in text
