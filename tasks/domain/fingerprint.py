"""Text -> tokens, shingles, sampled hashes; after extraction, before duplicates are sought."""

import hashlib
import re
import unicodedata

_WORD = re.compile(r"\w+")


def content_sha256(body: str) -> str:
    """Return the SHA-256 of the text's normalised token sequence, as hex."""
    tokens = _WORD.findall(unicodedata.normalize("NFKC", body).casefold())
    return hashlib.sha256(" ".join(tokens).encode()).hexdigest()
