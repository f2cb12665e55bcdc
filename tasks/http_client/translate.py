"""What requests, urllib3, http.client and ssl raise, as one Fault: the border is here."""

import http.client
import socket
import ssl
from collections.abc import Iterator

import requests
import urllib3

from tasks.errors import ErrorClass
from tasks.http_client.deadline import Exchange
from tasks.http_client.fault import Fault


def fault_from(error: BaseException, exchange: Exchange) -> Fault:
    """Return what went wrong on the wire, from the deepest cause that says something."""
    causes = list(_causes(error))
    host = exchange.target.host
    for cause in causes:
        if isinstance(cause, Fault):
            return cause
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = f"{host} has no valid certificate: {cause.verify_message}."
            return Fault(ErrorClass.CONNECTION, reason, can_retry=False)
    if _has(causes, TimeoutError, socket.timeout, urllib3.exceptions.TimeoutError, requests.Timeout):
        return exchange.too_slow()
    if _has(causes, urllib3.exceptions.DecodeError):
        reason = f"The document is packed in a way that is not unpacked: {_short(causes[-1])}."
        return Fault(ErrorClass.CONTENT_ENCODING, reason, can_retry=False)
    if _has(causes, http.client.RemoteDisconnected):
        return Fault(ErrorClass.CONNECTION, f"{host} closed the connection without an answer.")
    if _has(causes, http.client.IncompleteRead, urllib3.exceptions.IncompleteRead):
        return _incomplete(exchange)
    if _has(
        causes, http.client.HTTPException, urllib3.exceptions.InvalidHeader, requests.exceptions.InvalidHeader
    ):
        reason = f"{host} does not speak HTTP as it should: {_short(causes[-1])}."
        return Fault(ErrorClass.BAD_RESPONSE, reason, can_retry=False)
    if _has(causes, ssl.SSLError):
        return Fault(ErrorClass.CONNECTION, f"No TLS connection to {host}: {_short(causes[-1])}.")
    if exchange.response_head:
        return Fault(ErrorClass.TRUNCATED, f"{host} broke the connection in the middle of its answer.")
    return Fault(ErrorClass.CONNECTION, f"The connection to {host} broke: {_short(causes[-1])}.")


def _incomplete(exchange: Exchange) -> Fault:
    if exchange.has_ended:
        return Fault(ErrorClass.TRUNCATED, f"{exchange.target.host} sent less than it announced.")
    reason = f"{exchange.target.host} sent chunks that are none."
    return Fault(ErrorClass.BAD_RESPONSE, reason, can_retry=False)


def _has(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it was made of; urllib3 and requests put that into args and reason."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
        waiting += [cause for cause in inner if isinstance(cause, BaseException)]


def _short(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text if len(text) <= 160 else text[:160] + "…"
