"""HTTP responses in the archive: the head completed for storage, the document decoded when read."""

import re

from tasks.http_client.decode import decode
from tasks.http_client.errors import Fault
from tasks.http_client.response import parse_head, values_of
from tasks.http_client.result import Limits

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FRAMING = re.compile(rb"(?im)^(transfer-encoding(?=[ \t]*:))")


def archived_head(head: bytes) -> bytes:
    """Return a response's head as it is stored: with an end, and Transfer-Encoding renamed.

    The stored body has no chunk framing, so a WARC reader must not see the original field.
    """
    end = b"" if _HEAD_END.search(head) else b"\r\n" if head.endswith(b"\n") else b"\r\n\r\n"
    return _FRAMING.sub(rb"X-Archive-Orig-\1", head + end)


def document_in(block: bytes) -> bytes:
    """Return the decoded document of a stored response. Raises ValueError."""
    end = _HEAD_END.search(block)
    if end is None:
        raise ValueError("the stored response has no end of headers")
    codings = values_of(parse_head(block[: end.end()]), "content-encoding")
    try:
        return decode(block[end.end() :], codings, Limits())
    except Fault as fault:
        raise ValueError(f"the stored response cannot be decoded: {fault.reason}") from fault
