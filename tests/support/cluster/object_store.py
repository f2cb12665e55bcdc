"""An S3 server for a test: moto's, as its own process on 127.0.0.1."""

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import requests

from tests.support.prefect_server import child, free_port, wait_for

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


@dataclass(frozen=True)
class ObjectStore:
    """A running S3 server."""

    endpoint: str

    def client(self, service: str = "s3"):
        """Return a client of boto3 with the keys of the account's owner."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )

    def make_bucket(self, name: str) -> str:
        """Create a bucket and return its URL."""
        self.client().create_bucket(Bucket=name)
        return f"s3://{name}/"

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """Return the keys of the objects of a bucket."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]


@contextmanager
def running_object_store(folder: Path):
    """Start a server whose log is in `folder`; yield it; end it."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with child(command, dict(os.environ) | KEYS, folder / "moto.log"):
        store = ObjectStore(f"http://127.0.0.1:{port}")
        wait_for(lambda: _answers(store.endpoint), 300, "the S3 server")
        yield store


def _answers(endpoint: str) -> bool:
    try:
        return requests.get(f"{endpoint}/moto-api/", timeout=10).ok
    except requests.RequestException:
        return False
