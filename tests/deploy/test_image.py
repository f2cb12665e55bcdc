"""docs/deploy/Dockerfile is built and run (`make test-deploy`), without any image from a registry.

The base is Debian with its own Python, made by debootstrap and kept in .cache; packages come from where this
machine's pip takes them. Needs root, buildah and debootstrap.
"""

import ast
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.support.prefect_server import free_port, wait_for

ROOT = Path(__file__).parents[2]
BASE = ROOT / ".cache" / "debian-base"
RELEASE = "bookworm"


@pytest.fixture(scope="module")
def base():
    """Return the root folder of a small Debian with Python."""
    if not BASE.exists():
        partial = BASE.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        packages = "--include=python3,python3-venv,ca-certificates"
        subprocess.run(["debootstrap", "--variant=minbase", packages, RELEASE, str(partial)], check=True)
        partial.rename(BASE)
    return BASE


@pytest.fixture(scope="module")
def pip_settings(tmp_path_factory):
    """Return the options that let pip in the build use the indexes that this machine's pip is set to use."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    settings: dict[str, str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        settings.setdefault(key.rpartition(".")[2], ast.literal_eval(value))
    file = tmp_path_factory.mktemp("pip") / "pip.conf"
    file.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))
    places = {place for value in settings.values() for word in value.split() if (place := _place(word))}
    mounts = [f"{place}:{place}:ro" for place in sorted(places)] + [f"{file}:/etc/pip.conf:ro"]
    return [option for mount in mounts for option in ("--volume", mount)]


def _place(word: str) -> Path | None:
    """Return the file or folder that a setting names; of an index in files, the folder above it."""
    path = Path(word.removeprefix("file://"))
    path = path.parent if word.startswith("file://") else path
    return path if path.is_absolute() and path.exists() else None


@pytest.fixture(scope="module")
def buildah(tmp_path_factory):
    """Return a function that runs buildah with a storage of its own, and returns its output."""
    storage = tmp_path_factory.mktemp("storage")
    places = ["--root", storage / "root", "--runroot", storage / "run", "--storage-driver", "vfs"]

    def run(*arguments: object) -> str:
        command = list(map(str, ["buildah", *places, *arguments]))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-4_000:]
        return done.stdout.strip()

    run.places = places
    return run


@pytest.fixture(scope="module")
def container(buildah, base, pip_settings):
    """Return a container of the image."""
    empty = buildah("from", "scratch")
    buildah("copy", empty, base, "/")
    buildah("commit", "--rm", empty, "debian-base")
    buildah(
        "build", "--isolation", "chroot", "--build-arg", "BASE=localhost/debian-base",
        *pip_settings, "--file", ROOT / "docs" / "deploy" / "Dockerfile", "--tag", "wirehouse", ROOT,
    )  # fmt: skip
    return buildah("from", "localhost/wirehouse")


def test_the_demo_runs_in_it(buildah, container):
    said = buildah(
        "run", "--isolation", "chroot", container, "--", "wirehouse", "demo", "--home", "/data/demo"
    )
    assert "Articles by source" in said


def test_it_serves_until_it_is_stopped(buildah, container, tmp_path):
    port = free_port()
    sources = '[[source]]\nname = "none"\ntitle = "None"\n[[source.feed]]\nurl = "http://127.0.0.1:9/feed"\n'
    (tmp_path / "sources.toml").write_text(sources)
    buildah("copy", container, tmp_path / "sources.toml", "/etc/wirehouse/sources.toml")
    command = ["wirehouse", "serve", "--port", str(port), "--file", "/opt/wirehouse/prefect.yaml"]
    arguments = ["buildah", *buildah.places, "run", "--isolation", "chroot", container, "--", *command]
    log = tmp_path / "serve.log"
    with log.open("wb") as out:
        server = subprocess.Popen(list(map(str, arguments)), stdout=out, stderr=out, start_new_session=True)

    def is_healthy() -> bool:
        assert server.poll() is None, log.read_text()
        try:
            return requests.get(f"http://127.0.0.1:{port}/api/health", timeout=2).ok
        except requests.RequestException:
            return False

    try:
        wait_for(is_healthy, 180, "the server in the container")
        pages = requests.get(f"http://127.0.0.1:{port}/", timeout=30)
        assert "<title>Prefect" in pages.text  # also where its user may not write beside the code
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)
