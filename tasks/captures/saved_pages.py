"""Pages that a person saved: HTML files, single or in folders, each with the URL that it was saved from.

In place of `tasks.captures.pages`, which reads WARC files. The URL comes from a list
(`tasks.imports.url_list`), from what the program that saved the page wrote into it, or from the canonical URL
that the page declares; a file without any is a reject. Browsers ("saved from url", MHTML), SingleFile and
HTTrack write such files.
"""

import email.policy
import gzip
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from tasks.captures import account as outcome
from tasks.captures.account import FileAccount
from tasks.captures.pages import (
    Capture,
    CaptureSelection,
    ascii_url,
    capture_of,
    host_of,
    parse_instant,
    plausible,
)
from tasks.captures.responses import MAX_PAGE_BYTES, CapturedDocument
from tasks.domain.pages.json_ld import read_linked_data
from tasks.domain.pages.metadata import PageReading, find_canonical, read_metas
from tasks.domain.pages.tree import decode_page, parse_html
from tasks.errors import ErrorClass, ItemError, UsageError
from tasks.http_client.errors import Fault
from warehouse.errors import why_unreadable
from warehouse.records.outcome import Reject, Step

_HTML = (".html", ".htm", ".xhtml", ".html.gz", ".htm.gz")
_MHTML = (".mhtml", ".mht")
_HTML_TYPES = ("text/html", "application/xhtml+xml")
# Beside a complete page a browser writes a folder with the documents of its frames: "story_files",
# "story-Dateien", "story_fichiers".
_PARTS_OF_PAGE = re.compile(r"[ _.-][^\W\d_]+")
_MARK_BYTES = 16_384  # programs write their mark at the beginning
_MARKS = (
    re.compile(rb"<!--\s*saved from url=\(\d+\)(?P<url>\S+)", re.IGNORECASE),
    re.compile(rb"Page saved with SingleFile\s+url:\s*(?P<url>\S+)(?:\s+saved date:\s*(?P<at>[^\r\n]+))?"),
    re.compile(rb"<!-- Mirrored from (?P<url>\S+) by HTTrack[^,>]*(?:, (?P<at>[^>]+?))? -->"),
)
_BROWSER_DATE = re.compile(r"([A-Z][a-z]{2} [A-Z][a-z]{2} \d{2} \d{4} [\d:]{8}) GMT([+-]\d{4})")


@dataclass(frozen=True, slots=True)
class SavedFrom:
    """Where a page was saved from, as a list says; and when, if known."""

    url: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Saved:
    """A saved page, and what the file says of where and when it was saved."""

    content: bytes
    content_type: str = "text/html"
    url: str | None = None
    at: datetime | None = None


def is_saved_page(path: Path) -> bool:
    """Say whether a file is a saved page, by its name."""
    return path.name.lower().endswith((*_HTML, *_MHTML))


def check_saved_pages(path: Path) -> None:
    """Raise UsageError when a folder has no saved page."""
    if path.is_dir() and not any(is_saved_page(file) for file in _files_in(path)):
        raise UsageError(
            f"'{path}' is a folder without saved pages (.html, .mhtml). Name files of other kinds: "
            f"{path}/*.jsonl or {path}/*.warc.gz."
        )


def read_saved_pages(
    path: Path, wanted: CaptureSelection, listed: Mapping[Path, SavedFrom], account: FileAccount
) -> Iterator[Capture | Reject]:
    """Yield the wanted pages of a file or a folder, each as if it had been fetched when it was saved.

    `listed` has resolved paths. Counts the other files in the account, and the number of files.
    """
    for file in _files_in(path) if path.is_dir() else [path]:
        account.records += 1
        if not is_saved_page(file):
            account.add(outcome.NOT_HTML)
            continue
        item = _read(file, wanted, listed.get(file.resolve()))
        if isinstance(item, str):
            account.add(item)
            continue
        if isinstance(item, Reject):
            account.add(outcome.REJECTED)
        yield item


def _files_in(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and those below it, by name; without the parts of saved pages."""
    for place, folders, names in os.walk(folder):
        stems = [name.rpartition(".")[0] for name in names if is_saved_page(Path(name))]
        folders[:] = sorted(name for name in folders if name[0] != "." and not _is_part(name, stems))
        yield from (Path(place, name) for name in sorted(names) if name[0] != ".")


def _is_part(folder: str, stems: list[str]) -> bool:
    return any(
        folder.startswith(stem) and _PARTS_OF_PAGE.fullmatch(folder, len(stem)) is not None for stem in stems
    )


def _read(file: Path, wanted: CaptureSelection, listed: SavedFrom | None) -> Capture | Reject | str:
    """Return the page of a file, why there is none, or the outcome that it is counted as."""
    now = datetime.now(UTC)
    where = file.resolve().as_uri()
    source = wanted.fallback
    try:
        saved = _read_mhtml(file) if file.name.lower().endswith(_MHTML) else _read_html(file)
        url = listed.url if listed else saved.url or _declared_url(saved)
        host = host_of(url or "")
        if url is None or not host:
            raise Fault(ErrorClass.BAD_URL, _no_url(url))
        where = ascii_url(url, host)
        name = wanted.source_of(host)
        if name is None:
            return outcome.OTHER_SITE
        source = name
        if not wanted.has_host(host):
            return outcome.OTHER_HOST
        stated_at = plausible(listed.at if listed and listed.at else saved.at, now)
        if stated_at is not None and wanted.from_at is not None and stated_at < wanted.from_at:
            return outcome.CAPTURED_EARLIER
        at = stated_at or datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
        return capture_of(source, where, CapturedDocument(saved.content_type, saved.content), at)
    except (Fault, ItemError) as error:
        reason = f"{file.name}: {error.reason}"
        return Reject(source, Step.FETCH, error.error_class.value, reason, where, at=now)


def _no_url(url: str | None) -> str:
    if url is not None:
        return f"'{url}' is not a web address."
    return (
        "the page does not say where it was saved from, and declares no canonical URL. List it in a file "
        "with the columns file and url (--urls)."
    )


def _content(file: Path) -> bytes:
    """Return the bytes of a file. Raises Fault."""
    try:
        with gzip.open(file) if file.suffix.lower() == ".gz" else file.open("rb") as data:
            content = data.read(MAX_PAGE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Fault(ErrorClass.TRUNCATED, f"it cannot be read: {why_unreadable(error)}") from error
    if len(content) > MAX_PAGE_BYTES:
        raise Fault(ErrorClass.TOO_LARGE, f"it is larger than {MAX_PAGE_BYTES // 1_000_000} MB.")
    if not content.strip():
        raise Fault(ErrorClass.EMPTY, "it is empty.")
    return content


# --- what the programs write that save pages -------------------------------------------------


def _read_html(file: Path) -> _Saved:
    content = _content(file)
    for mark in _MARKS:
        match = mark.search(content, 0, _MARK_BYTES)
        if match is None:
            continue
        url = match["url"].decode("utf-8", "replace")
        url = url if "://" in url or ":" in url.partition("/")[0] else f"http://{url}"  # HTTrack
        if host_of(url):  # not "about:internet"
            at = match["at"] if "at" in mark.groupindex else None
            return _Saved(content, url=url, at=_instant(at.decode("ascii", "replace") if at else None))
    return _Saved(content)


def _read_mhtml(file: Path) -> _Saved:
    """Return the page of an MHTML file (RFC 2557): its first HTML part."""
    message = BytesParser(policy=email.policy.default).parsebytes(_content(file))
    for part in message.walk():
        if isinstance(part, EmailMessage) and part.get_content_type() in _HTML_TYPES:
            content = part.get_payload(decode=True)
            charset = part.get_content_charset()
            location = message["Snapshot-Content-Location"] or part["Content-Location"]
            return _Saved(
                content if isinstance(content, bytes) else b"",
                f"text/html; charset={charset}" if charset else "text/html",
                str(location).strip() if location else None,
                parse_instant(str(message["Date"])) if message["Date"] else None,
            )
    raise Fault(ErrorClass.NO_CONTENT, "no part of the MHTML file is HTML.")


def _instant(text: str | None) -> datetime | None:
    """Return an instant as a browser writes it ("Mon Oct 02 2023 10:00:00 GMT+0200"), or in other forms."""
    if match := _BROWSER_DATE.search(text or ""):
        try:
            return datetime.strptime(f"{match[1]} {match[2]}", "%a %b %d %Y %H:%M:%S %z").astimezone(UTC)
        except ValueError:
            return None
    return parse_instant(text)


def _declared_url(saved: _Saved) -> str | None:
    """Return the absolute canonical URL that the page declares, else its og:url."""
    root = parse_html(decode_page(saved.content, saved.content_type))
    if root is None:
        return None
    return find_canonical(PageReading(root, read_metas(root), read_linked_data(root), url=""))
