"""What one worker process does: read a page from the archive, hand back its article or reject.

Apart from `tasks.extract`, so that workers load neither the pool nor Prefect.
"""

import resource
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tasks.archive import read_page
from tasks.domain.article import PageContext, parse_article
from tasks.errors import ErrorClass, ExtractionError
from warehouse.records import Article, Page, Reject, Source, Step

Outcome = Article | Reject
OUT_OF_MEMORY = "Extraction needed more memory than a worker may have."


@dataclass(frozen=True, slots=True)
class Job:
    """One stored page to be read."""

    page: Page
    source: Source
    pages_dir: Path


class _Overtime(BaseException):
    # Not an Exception: no reader's own `except Exception` may swallow the alarm.
    pass


def limit_worker(memory_bytes: int) -> None:
    """Bound this process's address space; Ctrl-C is for the parent to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def extract_chunk(jobs: tuple[Job, ...], limit_s: float) -> list[Outcome]:
    """Return each job's article or reject, in order."""
    return [_extract_one(job, limit_s) for job in jobs]


def _extract_one(job: Job, limit_s: float) -> Outcome:
    try:
        with _alarm(limit_s):
            return _parse(job)
    except ExtractionError as error:
        return failed(job, error.error_class, error.reason)
    except _Overtime:
        return failed(job, ErrorClass.TIMEOUT, f"Extraction took longer than {limit_s:g} s.")
    except MemoryError:
        return failed(job, ErrorClass.WORKER_KILLED, OUT_OF_MEMORY)
    except Exception as error:  # a worker outlives any page; the traceback says where
        where = traceback.format_exc(limit=-4)
        return failed(job, ErrorClass.INTERNAL, f"{type(error).__name__}: {error}\n{where}"[:2000])


def _parse(job: Job) -> Article:
    page = job.page
    stored = read_page(job.pages_dir, page.ref)
    context = PageContext(
        url=page.request.url,
        final_url=page.final_url or page.request.url,
        url_key=page.request.url_key,
        content_type=stored.content_type or page.content_type,
        fetched_at=page.fetched_at,
        entry=page.request.entry,
        ref=page.ref,
    )
    return parse_article(stored.body, context, job.source)


def failed(job: Job, error_class: ErrorClass, reason: str) -> Reject:
    """Return the reject of a page that gave no article."""
    request = job.page.request
    return Reject(
        source=request.source,
        step=Step.EXTRACT,
        error_class=error_class.value,
        reason=reason,
        url=request.url,
        url_key=request.url_key,
        feed_url=request.feed_url,
        ref=job.page.ref,
        at=job.page.fetched_at,
    )


@contextmanager
def _alarm(limit_s: float) -> Iterator[None]:
    def ring(signum: int, frame: FrameType | None) -> None:
        raise _Overtime

    previous = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
