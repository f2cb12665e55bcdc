"""The file of deployments, checked before anything starts. Prefect itself checks the rest."""

import os
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml  # type: ignore[import-untyped]

from tasks.errors import UsageError

_SHIPPED = Path(__file__).with_name("prefect.yaml")  # in a checkout a link to the one at its root


def find_prefect_file(given: Path | None) -> Path:
    """Return the file of deployments: as given, else prefect.yaml in this folder, else the shipped one."""
    if given is not None:
        return given.expanduser().resolve()
    own = Path("prefect.yaml").resolve()
    return own if own.exists() else _SHIPPED.resolve()


def read_deployments(prefect_file: Path) -> dict[str, Any]:
    """Return the content of the file of deployments.

    Raises UsageError when it is missing or cannot be what Prefect expects, also for the time zone of its
    schedules that the environment names.
    """
    _check_zone(os.environ.get("WIREHOUSE_TIMEZONE") or "UTC")
    try:
        document = yaml.safe_load(prefect_file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"'{prefect_file}' cannot be read: {error.strerror}. Name the deployments' file with --file."
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"'{prefect_file}' is not valid YAML: {error}") from error
    deployments = document.get("deployments") if isinstance(document, dict) else None
    if not isinstance(deployments, list) or not deployments:
        raise UsageError(f"'{prefect_file}' has no deployments. See the prefect.yaml that wirehouse ships.")
    for number, deployment in enumerate(deployments, 1):
        keys = deployment if isinstance(deployment, dict) else {}
        missing = [key for key in ("name", "entrypoint") if not keys.get(key)]
        if missing:
            raise UsageError(f"'{prefect_file}': deployment {number} has no {' and no '.join(missing)}.")
    return dict(document)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # ValueError: a path; OSError: a folder
        raise UsageError(
            f"WIREHOUSE_TIMEZONE: '{name}' is not an IANA time zone; use one such as Europe/Moscow or UTC."
        ) from error
