"""Posts a message as JSON, signed, with a key that a repeated message has again.

Headers: `Idempotency-Key` (the message's id; draft-ietf-httpapi-idempotency-key-header) and, when the
recipient has a secret, `Wirehouse-Signature: sha256=` with the HMAC-SHA-256 (RFC 2104) of the body in hex.
"""

import hashlib
import hmac

import requests

from tasks.alerts.outcome import NotSent

TIMEOUT_S = (5, 20)  # connect, answer


def post_message(url: str, body: bytes, message_id: str, secret: str | None) -> None:
    """Post a message. Raises NotSent when the receiver cannot be reached or does not answer 2xx."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "wirehouse",
        "Idempotency-Key": message_id,
        **({"Wirehouse-Signature": signature(body, secret)} if secret else {}),
    }
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        raise NotSent(f"the webhook cannot be reached ({type(error).__name__})") from error
    if not 200 <= answer.status_code < 300:
        raise NotSent(f"the webhook answered {answer.status_code}")


def signature(body: bytes, secret: str) -> str:
    """Return the value of the header `Wirehouse-Signature`."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
