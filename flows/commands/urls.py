"""The `url` command: which address names which article, and why."""

import json
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from flows.terminal.options import ConfigOption, DebugOption, HomeOption, JsonOption


def url(
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="Addresses; - reads them from stdin.")],
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Show the key of each URL and what was done to reach it; addresses of one article have one key.

    With --json one line {url, url_key} each. An address that cannot be used is a line with its error, and the
    exit code is 1.
    """
    from tasks.domain.urls.key import article_id, explain_url_key
    from tasks.errors import ItemError

    n_bad = 0
    for text in _given(urls):
        try:
            explained = explain_url_key(text)
        except ItemError as error:
            n_bad += 1
            _write({"url": text, "url_key": None, "error": error.reason}, as_json=as_json)
            continue
        answer: dict[str, object] = {"url": text, "url_key": explained.key}
        if not as_json:
            answer |= {"article_id": article_id(explained.key), "steps": explained.steps}
        _write(answer, as_json=as_json)
    if n_bad:
        raise typer.Exit(1)


def _given(urls: list[str]) -> Iterator[str]:
    for text in urls:
        if text == "-":
            yield from (line.rstrip("\r\n") for line in sys.stdin if line.strip())
        else:
            yield text


def _write(answer: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(answer) + "\n")
        return
    lines = [str(answer["url"])]
    if "error" in answer:
        lines.append(f"  no key: {answer['error']}")
    else:
        lines += [f"  key      {answer['url_key']}", f"  article  {answer['article_id']}"]
        steps = answer["steps"]
        lines += [f"  - {step}" for step in steps] if isinstance(steps, tuple) else []
    sys.stdout.write("\n".join(lines) + "\n")
