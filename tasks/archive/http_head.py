"""HTTP responses as the archive keeps them: the head made whole, the document taken out again."""

import re

from tasks.http_client.decode import decode
from tasks.http_client.fault import Fault
from tasks.http_client.response import parse_head, values_of
from tasks.http_client.result import Limits

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FRAMING = re.compile(rb"(?im)^(transfer-encoding(?=[ \t]*:))")


def archived_head(head: bytes) -> bytes:
    """Return a response's head as it is stored: whole, and without the framing that was removed.

    A reader of the archive would take a Transfer-Encoding field at its word.
    """
    end = b"" if _HEAD_END.search(head) else b"\r\n" if head.endswith(b"\n") else b"\r\n\r\n"
    return _FRAMING.sub(rb"X-Archive-Orig-\1", head + end)


def document_in(block: bytes) -> bytes:
    """Return the document inside a stored response. Raises ValueError when it cannot be unpacked."""
    end = _HEAD_END.search(block)
    if end is None:
        raise ValueError("The stored response has no end of its head.")
    codings = values_of(parse_head(block[: end.end()]), "content-encoding")
    try:
        return decode(block[end.end() :], codings, Limits())
    except Fault as fault:
        raise ValueError(f"The stored response cannot be unpacked: {fault.reason}") from fault
