"""WARC and ARC records as other tools write them."""

HTML = b"<html><body><h1>Council votes</h1><p>The council has voted.</p></body></html>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def record(
    n=1,
    *,
    http=b"",
    body=HTML,
    kind="response",
    url="https://news.example/{n}",
    date="2022-02-01T00:00:00Z",
    version="1.0",
    length=None,
    block=None,
    fields=(),
    end=b"\r\n\r\n",
):
    """Return one record; `http` are further header lines of the response, `fields` of the record."""
    if block is None:
        block = HEAD + http + b"\r\n" + body
    lines = [f"WARC/{version}"]
    lines += [f"WARC-Type: {kind}"] if kind else []
    lines += [f"WARC-Target-URI: {url.format(n=n)}"] if url else []
    lines += [f"WARC-Date: {date}"] if date else []
    lines += [*fields, f"Content-Length: {len(block) if length is None else length}"]
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode() + block + end


def arc_record(
    n=1, *, url="https://news.example/{n}", date="20220201000000", block=None, middle="", length=None
):
    """Return one ARC record; `middle` are the further fields of version 2, with a space behind."""
    block = HEAD + b"\r\n" + HTML if block is None else block
    n_bytes = len(block) if length is None else length
    return f"{url.format(n=n)} 1.2.3.4 {date} text/html {middle}{n_bytes}\n".encode() + block + b"\n"


def arc_start(version="1 0 Crawler"):
    """Return the record that an ARC file begins with."""
    block = f"{version}\nURL IP-address Archive-date Content-type Archive-length\n\n".encode()
    return b"filedesc://a.arc 0.0.0.0 20220201000000 text/plain %d\n" % len(block) + block + b"\n"
