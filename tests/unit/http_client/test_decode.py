"""Content codings within their limits, for any bytes."""

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tasks.http_client.decode import decode
from tasks.http_client.errors import Fault
from tasks.http_client.result import Limits

LIMITS = Limits(decoded_bytes=5_000_000)
PACK = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstandard.compress}


@pytest.mark.parametrize("coding", PACK)
@given(body=st.binary(min_size=1))
def test_what_is_packed_comes_out(coding, body):
    assert decode(PACK[coding](body), [coding], LIMITS) == body


@pytest.mark.parametrize("coding", PACK)
@given(body=st.binary())
def test_any_bytes_give_a_document_or_a_fault(coding, body):
    try:
        assert len(decode(body, [coding], LIMITS)) <= LIMITS.decoded_bytes
    except Fault as fault:
        assert fault.error_class in {"content_encoding", "truncated", "too_large"}


@pytest.mark.parametrize("coding", PACK)
@given(body=st.binary(min_size=200, max_size=2000), data=st.data())
def test_a_cut_stream_is_never_taken_for_whole(coding, body, data):
    packed = PACK[coding](body)
    cut = packed[: data.draw(st.integers(1, len(packed) - 1))]
    with pytest.raises(Fault):
        decode(cut, [coding], LIMITS)


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate"])
def test_the_beginning_of_a_cut_stream_may_be_asked_for(coding):
    body = bytes(range(256)) * 4000
    packed = PACK[coding](body)
    part = decode(packed[: len(packed) // 2], [coding], LIMITS, may_be_cut=True)
    assert part
    assert body.startswith(part)


def test_the_ratio_is_bounded_before_the_size_is():
    with pytest.raises(Fault, match="250 times"):
        decode(gzip.compress(b"\0" * 4_000_000), ["gzip"], LIMITS)
