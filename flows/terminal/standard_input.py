"""Standard input as a file: its format is detected by its first bytes, because it has no name."""

import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tasks.errors import UsageError
from warehouse.errors import why_unreadable

DASH = Path("-")
_HEAD_BYTES = 64 * 1024
_GZIP = b"\x1f\x8b"


@contextmanager
def standard_input_as_file(files: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield the files with `-` replaced by a temporary copy of standard input.

    Raises UsageError when it is a terminal, empty, or named twice.
    """
    if DASH not in files:
        yield list(files)
        return
    if list(files).count(DASH) > 1:
        raise UsageError("'-' is standard input and can be read once.")
    if sys.stdin.isatty():
        raise UsageError(
            "'-' reads standard input, which is this terminal. Example: cat a.jsonl | wirehouse import -"
        )
    with tempfile.TemporaryDirectory(prefix="wirehouse-") as folder:
        head = sys.stdin.buffer.read(_HEAD_BYTES)
        if not head.strip():
            raise UsageError("'-': standard input is empty.")
        file = Path(folder) / f"standard-input{ending_of(head)}"
        with file.open("wb") as copy:
            copy.write(head)
            shutil.copyfileobj(sys.stdin.buffer, copy)
        yield [file if path == DASH else path for path in files]


def ending_of(head: bytes) -> str:
    """Return the file extension for content that begins with these bytes, such as .jsonl or .warc.gz.

    Raises UsageError for damaged gzip.
    """
    if head.startswith(_GZIP):
        try:
            content = zlib.decompressobj(wbits=31).decompress(head)
        except zlib.error as error:
            raise UsageError(f"'-': standard input is damaged gzip: {why_unreadable(error)}") from error
        return ending_of(content) + ".gz"
    if head.startswith(b"PAR1"):
        return ".parquet"
    if head.startswith(b"WARC/"):
        return ".warc"
    line = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    if line.startswith(b"{"):
        return ".jsonl"
    return ".tsv" if b"\t" in line else ".csv"
