"""The files for several machines: known keys, names that exist, commands that exist, settings that parse."""

import re
import tomllib
from pathlib import Path

import pytest
import typer
import yaml

from flows.cli import app
from tests.support.cluster.two_servers import settings_of_redis
from warehouse.cluster.settings import parse_cluster

FOLDER = Path(__file__).parents[2] / "docs" / "deploy"
# https://github.com/compose-spec/compose-spec: those of a service that the file may use
KEYS = {
    "image", "build", "restart", "environment", "volumes", "entrypoint", "command", "depends_on", "profiles",
    "ports", "healthcheck", "deploy",
}  # fmt: skip
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
SECRET = re.compile(r"PASSWORD|SECRET|KEY_ID")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))


def test_the_services_are_those_of_a_cluster(compose):
    assert {key for key in compose if not key.startswith("x-")} == {"name", "services", "volumes"}
    assert set(compose["services"]) == {
        "postgres", "s3", "prefect-server", "init", "worker", "maintain", "redis", "prefect-server-2",
        "dask-scheduler", "dask-worker",
    }  # fmt: skip


def test_services_have_known_keys_and_name_others_that_exist(compose):
    services = compose["services"]
    for name, service in services.items():
        assert set(service) <= KEYS, name
        assert service.get("image"), name
        assert set(service.get("depends_on", {})) <= set(services), name
        assert {need["condition"] for need in service.get("depends_on", {}).values()} <= CONDITIONS
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or source.startswith("./"), volume


def test_no_secret_stands_in_the_file(compose):
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if SECRET.search(name):
                assert str(value).startswith("${"), name


def test_commands_exist(compose):
    known = typer.main.get_command(app).commands
    for name in ("worker", "maintain"):
        command, *options = compose["services"][name]["command"]
        accepted = {option for parameter in known[command].params for option in parameter.opts}
        assert {option for option in options if option.startswith("--")} <= accepted
    script = compose["services"]["init"]["command"][0]
    assert set(re.findall(r"wirehouse (\w+)", script)) <= set(known)


def test_the_settings_are_valid(tmp_path):
    cluster = parse_cluster(tomllib.loads((FOLDER / "cluster.toml").read_text()), tmp_path / "cluster.toml")
    assert cluster.shards.n == 16
    assert cluster.archive is not None


def test_the_extras_of_the_image_exist(compose):
    project = tomllib.loads((FOLDER.parents[1] / "pyproject.toml").read_text())["project"]
    extras = compose["services"]["worker"]["build"]["args"]["EXTRAS"].split(",")
    assert set(extras) <= set(project["optional-dependencies"])


def test_the_image_has_every_package():
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    copied = {line.split()[1] for line in lines if line.startswith("COPY ")}
    assert {"flows", "tasks", "warehouse", "web", "demo"} <= copied


def test_two_servers_share_what_one_keeps_in_its_memory(compose):
    first, second = (
        compose["services"][name]["environment"] for name in ("prefect-server", "prefect-server-2")
    )
    assert first == second
    text = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^# +(PREFECT_\w+)=(\S+)$", text, re.MULTILINE))
    shown["PREFECT_REDIS_MESSAGING_URL"] = first["PREFECT_REDIS_MESSAGING_URL"]
    assert shown == settings_of_redis("redis://redis:6379")  # as tests/cluster/test_two_workers.py runs them
    assert set(shown) <= set(first)
