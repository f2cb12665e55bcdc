"""Records of WARC and ARC files: every container, wrong lengths, damage that costs one record."""

import gzip
import io
import random
import struct

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tasks.captures.records import looks_like_warc, read_records
from tasks.errors import ErrorClass
from tests.support.warc_files import HTML, arc_record, arc_start, record

RECORDS = [record(n) for n in range(4)]


def read(tmp_path, data, name="a.warc"):
    """Return the last character of each record's URL, "!" for a problem, and the problems."""
    (tmp_path / name).write_bytes(data)
    found = list(read_records(tmp_path / name))
    assert [item.number for item in found] == list(range(1, len(found) + 1))
    urls = "".join("!" if item.problem else item.headers["warc-target-uri"][-1] for item in found)
    return urls, [item.problem for item in found if item.problem]


def with_bare_line_feeds(data):
    """Return a record whose own header has bare line feeds."""
    head, end, rest = data.partition(b"\r\n\r\n")
    return (head + end).replace(b"\r\n", b"\n") + rest


def gzip_with_fields(data):
    """Return a member with file name, comment and extra field (wget writes the lengths there)."""
    packed = gzip.compress(data, mtime=0)
    extra = b"sl\x08\x00" + struct.pack("<II", len(packed), len(data))
    head = packed[:3] + b"\x1c" + packed[4:10] + struct.pack("<H", len(extra)) + extra
    return head + b"a name\0" + b"a comment\0" + packed[10:]


def zstd_with_dictionary(records, *, is_packed):
    """Return frames behind the dictionary that they need (IIPC, "WARC compression with Zstandard")."""
    samples = [record(n, body=HTML + bytes([n % 250]) * 40) for n in range(400)]
    dictionary = zstandard.train_dictionary(2_000, samples)
    content = dictionary.as_bytes()
    content = zstandard.compress(content) if is_packed else content
    compressor = zstandard.ZstdCompressor(dict_data=dictionary)
    start = b"\x5d\x2a\x4d\x18" + struct.pack("<I", len(content)) + content
    return start + b"".join(map(compressor.compress, records))


def zstd_stream(data):
    """Return one frame without a content size, as a stream writes it."""
    out = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(out, closefd=False) as writer:
        writer.write(data)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"".join(RECORDS), id="plain"),
        pytest.param(b"".join(map(gzip.compress, RECORDS)), id="a gzip member per record"),
        pytest.param(b"".join(map(gzip_with_fields, RECORDS)), id="members with extra fields"),
        pytest.param(b"".join(gzip.compress(r, 0) for r in RECORDS), id="members without compression"),
        pytest.param(gzip.compress(b"".join(RECORDS)), id="one gzip over all"),
        pytest.param(b"".join(map(zstandard.compress, RECORDS)), id="a zstd frame per record"),
        pytest.param(zstd_stream(b"".join(RECORDS)), id="one zstd frame over all"),
        pytest.param(zstd_with_dictionary(RECORDS, is_packed=False), id="zstd with a dictionary"),
        pytest.param(zstd_with_dictionary(RECORDS, is_packed=True), id="zstd with a packed dictionary"),
        pytest.param(
            b"".join(gzip.compress(r) + gzip.compress(b"\0" * 50) for r in RECORDS), id="members of zeros"
        ),
        pytest.param(b"".join(gzip.compress(r) + b"\0" * 512 for r in RECORDS), id="zeros between members"),
        pytest.param(b"".join(gzip.compress(r) + gzip.compress(b"") for r in RECORDS), id="empty members"),
        pytest.param(b"".join(map(with_bare_line_feeds, RECORDS)), id="bare line feeds"),
        pytest.param(b"".join(record(n, end=b"") for n in range(4)), id="no line ends between records"),
        pytest.param(b"".join(record(n, end=b"\n") for n in range(4)), id="one line feed between records"),
        pytest.param(b"".join(record(n, end=b"\r\n" * 9) for n in range(4)), id="many line ends"),
        pytest.param(b"\r\n\r\n" + b"".join(RECORDS), id="line ends first"),
        pytest.param(b"".join(RECORDS).replace(b"WARC/1.0", b"WARC/1.0  "), id="spaces behind the version"),
        pytest.param(b"".join(RECORDS).replace(b"WARC/1.0", b"WARC/0.17"), id="0.17"),
        pytest.param(b"".join(RECORDS).replace(b"WARC/1.0", b"WARC/0.18"), id="0.18"),
        pytest.param(b"".join(RECORDS).replace(b"WARC/1.0", b"WARC/1.1"), id="1.1"),
        pytest.param(arc_start() + b"".join(map(arc_record, range(4))), id="ARC 1"),
        pytest.param(
            arc_start("2 0 Crawler") + b"".join(arc_record(n, middle="200 x - 0 a ") for n in range(4)),
            id="ARC 2",
        ),
        pytest.param(
            b"".join(map(gzip.compress, [arc_start(), *map(arc_record, range(4))])), id="gzip members of ARC"
        ),
        pytest.param(
            arc_start() + b"".join(arc_record(n) + b"\n\n" for n in range(4)), id="ARC with blank lines"
        ),
    ],
)
def test_containers(tmp_path, data):
    urls, problems = read(tmp_path, data)
    assert (urls.replace("c", ""), problems) == ("0123", [])
    assert looks_like_warc(tmp_path / "a.warc")


@pytest.mark.parametrize("length", [20, 100_000, -5, "many", ""])
def test_a_wrong_length_ends_where_the_next_record_begins(tmp_path, length):
    (tmp_path / "a.warc").write_bytes(record(1) + record(2, length=length) + record(3))
    found = list(read_records(tmp_path / "a.warc"))
    assert [item.problem for item in found] == [None] * 3
    assert found[1].block == found[0].block
    assert [item.is_short for item in found] == [False, length == 100_000, False]


def test_an_impossible_length_loses_its_own_record_only(tmp_path):
    data = record(1) + record(2, length=10**14) + record(3)
    assert read(tmp_path, data) == ("1!3", ["the record is larger than 64 MB"])


def test_a_wrong_length_in_an_arc_file(tmp_path):
    for length in (20, 100_000):
        data = arc_start() + arc_record(1) + arc_record(2, length=length) + arc_record(3)
        assert read(tmp_path, data) == ("c123", [])


def test_a_last_record_without_a_length_is_read_to_the_end(tmp_path):
    assert read(tmp_path, record(1) + record(2, length="")) == ("12", [])
    assert read(tmp_path, record(1) + record(2, length=9_000)) == ("1!", ["the record is cut or damaged"])


def members(n, size=0):
    noise = random.Random(7)
    return [gzip.compress(record(i, body=HTML + noise.randbytes(size))) for i in range(n)]


@pytest.mark.parametrize("size", [0, 5_000, 300_000], ids=["small", "of some blocks", "of many chunks"])
@pytest.mark.parametrize("at", [0.01, 0.3, 0.9])
def test_a_damaged_member_is_one_problem_and_the_others_are_read(tmp_path, size, at):
    packed = members(5, size)
    place = max(12, int(len(packed[2]) * at))
    packed[2] = packed[2][:place] + b"\xff\0\xff\0\xff\0\xff\0" + packed[2][place + 8 :]
    urls, problems = read(tmp_path, b"".join(packed))
    assert (urls, len(problems)) == ("01!34", 1)


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_cut_member_is_one_problem_and_the_others_are_read(tmp_path, kind):
    pack = gzip.compress if kind == "gzip" else zstandard.compress
    packed = [pack(r) for r in RECORDS]
    assert read(tmp_path, packed[0] + packed[1][:-40] + packed[2] + packed[3])[0] == "0!23"
    assert read(tmp_path, packed[0] + packed[1][:-40])[0] == "0!"
    assert read(tmp_path, packed[0] + packed[1][:15])[0] == "0!"


def test_the_url_of_a_damaged_record_is_known_where_its_header_is_whole(tmp_path):
    packed = members(3, 5_000)
    packed[1] = packed[1][:-4_000] + b"\xff" * 50 + packed[1][-3_950:]
    (tmp_path / "a.warc").write_bytes(b"".join(packed))
    damaged = next(item for item in read_records(tmp_path / "a.warc") if item.problem)
    assert damaged.headers["warc-target-uri"] == "https://news.example/1"


@pytest.mark.parametrize(
    ("data", "urls"),
    [
        pytest.param(record(0) + b"garbage \xff" * 900 + record(1), "0!1", id="garbage between records"),
        pytest.param(record(0) + record(1) + b"garbage", "01!", id="garbage at the end"),
        pytest.param(b"garbage\n" + record(0), "!0", id="garbage at the start"),
        pytest.param(record(0) + record(1).replace(b"WARC/1", b"WORC/1") + record(2), "0!2", id="no version"),
        pytest.param(record(0) + b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Ta", "0!", id="a cut header"),
        pytest.param(record(0)[:-70], "!", id="a cut block"),
        pytest.param(gzip.compress(record(0)) + b"PK\x03\x04 rest", "0!", id="another format behind"),
        pytest.param(
            b"\0" * 20 + gzip.compress(record(0))[20:] + gzip.compress(record(1)), "!1", id="the start"
        ),
    ],
)
def test_what_is_not_a_record_is_one_problem(tmp_path, data, urls):
    name = "a.warc.gz" if b"\x1f\x8b" in data else "a.warc"
    assert read(tmp_path, data, name)[0] == urls


def test_a_file_whose_first_member_is_damaged_is_a_warc(tmp_path):
    packed = members(3)
    packed[0] = packed[0][:12] + b"\xff" * 20 + packed[0][32:]
    (tmp_path / "x").write_bytes(b"".join(packed))
    assert looks_like_warc(tmp_path / "x")
    (tmp_path / "cut.warc.gz").write_bytes(members(1)[0][:11])
    assert looks_like_warc(tmp_path / "cut.warc.gz")
    assert read(tmp_path, members(1)[0][:11], "cut.warc.gz")[0] == "!"


def test_a_bomb_is_read_in_bounded_memory(tmp_path):
    import tracemalloc

    data = record(0, body=HTML + b"\0" * 100_000_000)
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(data, 1) + gzip.compress(record(1)))
    del data
    tracemalloc.start()
    problems = [item.problem for item in read_records(tmp_path / "a.warc.gz")]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert problems == ["the record is larger than 64 MB", None]
    assert peak < 10_000_000


@given(st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 255)), min_size=1, max_size=6), st.booleans())
def test_any_damage_gives_records_or_problems(tmp_path_factory, changes, is_packed):
    path = tmp_path_factory.getbasetemp() / "any.warc.gz"
    data = bytearray(b"".join(gzip.compress(r) if is_packed else r for r in RECORDS))
    for at, value in changes:
        data[at % len(data)] = value
    path.write_bytes(data)
    items = list(read_records(path))
    assert [item.number for item in items] == list(range(1, len(items) + 1))
    assert [item.error_class is ErrorClass.OK for item in items] == [not item.problem for item in items]
    assert items  # damage is never silent
