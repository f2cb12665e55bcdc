"""TLS: the certificate must match the host name, and the deadline covers the handshake."""

import datetime
import socket
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tasks.errors import ErrorClass
from tasks.http_client.client import FetchPolicy, HttpClient, Limits

LIMITS = Limits(connect_s=0.5, read_s=0.4, page_s=0.8)
PAGE = b"<html><p>News</p></html>"


class TlsServer:
    """Answers one page over TLS as news.example; a context manager."""

    def __init__(self, folder):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "news.example")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("news.example")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file = folder / "key.pem"
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.ca_file, key_file)
        self.context.sni_callback = lambda sock, name, context: self.names.append(name)
        self.names = []
        self.n_connections = 0

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _run(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.n_connections += 1
            try:
                with self.context.wrap_socket(connection, server_side=True) as tls:
                    tls.recv(65536)
                    tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE)
            except OSError:
                pass


@pytest.fixture
def server(tmp_path):
    with TlsServer(tmp_path) as running:
        yield running


def make_client(tmp_path, ca_file=None):
    return HttpClient(
        hosts_dir=tmp_path / "hosts",
        contact=None,
        limits=LIMITS,
        ca_file=ca_file,
        resolver=lambda host, port: ["127.0.0.1"],
        sleep=lambda seconds: None,
    )


def fetch(client, host, port):
    return client.fetch(f"https://{host}:{port}/", FetchPolicy("s", frozenset({f"{host}:{port}"}), 0.0))


def test_the_name_is_shown_and_the_certificate_checked_against_it(server, tmp_path):
    with make_client(tmp_path, server.ca_file) as client:
        result = fetch(client, "news.example", server.port)
    assert result.is_ok, result.reason
    assert result.body == PAGE
    assert set(server.names) == {"news.example"}


def test_a_certificate_of_another_name_is_refused(server, tmp_path):
    with make_client(tmp_path, server.ca_file) as client:
        result = fetch(client, "other.example", server.port)
    assert result.error_class is ErrorClass.CONNECTION
    assert "certificate" in result.reason
    assert server.n_connections == 1  # waiting changes no certificate


def test_a_certificate_that_nobody_vouches_for_is_refused(server, tmp_path):
    with make_client(tmp_path) as client:
        assert "certificate" in fetch(client, "news.example", server.port).reason


def test_a_handshake_that_never_ends(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent, make_client(tmp_path) as client:
        begun = time.monotonic()
        result = fetch(client, "news.example", silent.getsockname()[1])
        assert time.monotonic() - begun < LIMITS.page_s + 10
    assert result.error_class is ErrorClass.TIMEOUT
    assert "did not complete the response within 0.8 s" in result.reason


def test_plain_http_where_tls_was_promised(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as plain, make_client(tmp_path) as client:
        threading.Thread(target=answer_plainly, args=(plain,), daemon=True).start()
        result = fetch(client, "news.example", plain.getsockname()[1])
    assert result.error_class is ErrorClass.CONNECTION


def answer_plainly(listener):
    for _ in range(3):
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
