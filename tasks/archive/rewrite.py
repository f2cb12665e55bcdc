"""Rewrites an archive file without some pages: the only way to remove a page from the archive.

Used by `forget` and `prune`. The new file has a new name and is complete before anything refers to it.
Kept records are copied byte for byte; a cut tail is not copied.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from tasks.archive.metadata import parse_json
from tasks.archive.reader import page_ref
from tasks.archive.scan import PageRecords, scan_pages
from tasks.archive.warc import WarcRecord, record_id, warc_member
from tasks.archive.writer import FILE_MODE
from warehouse.archive.archive_path import archive_path
from warehouse.archive.files import Archive
from warehouse.records.page import ArchiveRef

_NAME = re.compile(r"(?:\.r\d+)?\.warc\.gz$")


@dataclass(frozen=True, slots=True)
class Move:
    """A page's place in the archive before and after a rewrite."""

    before: ArchiveRef
    after: ArchiveRef


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One rewritten file; it still has its partial name."""

    old_name: str
    new_name: str
    partial: Path
    old_bytes: int
    new_bytes: int
    n_dropped: int
    moves: tuple[Move, ...]


def write_without(
    archive: Archive, name: str, url_keys: Collection[str], known: Iterable[ArchiveRef]
) -> Rewritten | None:
    """Rewrite a file without the pages of these URL keys; return None when it has none of them.

    `known` are places in the file that the warehouse refers to; pages there are kept even behind a damaged
    record.
    """
    new_name = _free_name(archive, name)
    partial = archive_path(archive.folder, f"{new_name}.partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    moves: list[Move] = []
    n_dropped = 0
    with archive.open(name) as file, partial.open("wb") as out:
        out.write(_warcinfo(new_name))
        for page in _all_pages(file, known):
            if _url_key(page.metadata) in url_keys:
                n_dropped += 1
                continue
            for record in page.all:
                if record is page.main:
                    before = page_ref(name, page, has_spans=archive.has_spans)
                    moves.append(Move(before, replace(before, file=new_name, offset=out.tell())))
                _copy(file, out, record)
        out.flush()
        os.fsync(out.fileno())
    if not n_dropped:
        partial.unlink()
        return None
    partial.chmod(FILE_MODE)
    sizes = archive.find_size(name), partial.stat().st_size
    return Rewritten(name, new_name, partial, *sizes, n_dropped, tuple(moves))


def _all_pages(file: BinaryIO, known: Iterable[ArchiveRef]) -> Iterator[PageRecords]:
    """Yield the whole pages, then those at known places that the scan did not find."""
    yielded: set[int] = set()
    for page in scan_pages(file):
        if isinstance(page, PageRecords):
            yielded.add(page.main.offset)
            yield page
    for offset in sorted({ref.offset for ref in known} - yielded):
        known_page = next(scan_pages(file, offset), None)
        if isinstance(known_page, PageRecords) and known_page.main.offset == offset:
            yield known_page


def _url_key(record: WarcRecord) -> str:
    try:
        return parse_json(record.block).request.url_key
    except ValueError:
        return ""


def _copy(file: BinaryIO, out: BinaryIO, record: WarcRecord) -> None:
    place = file.tell()
    file.seek(record.offset)
    out.write(file.read(record.length))
    file.seek(place)


def _free_name(archive: Archive, name: str) -> str:
    stem = _NAME.sub("", name)
    number = 1
    while archive.find_size(f"{stem}.r{number}.warc.gz") >= 0:
        number += 1
    return f"{stem}.r{number}.warc.gz"


def _warcinfo(name: str) -> bytes:
    fields = b"software: wirehouse\r\nformat: WARC File Format 1.1\r\ndescription: pages removed\r\n"
    return warc_member(
        "warcinfo",
        fields,
        content_type="application/warc-fields",
        at=datetime.now(UTC),
        identifier=record_id(),
        file_name=Path(name).name,
    )
