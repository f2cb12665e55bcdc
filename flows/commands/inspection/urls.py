"""The `url` command: the URL key of an article, and how it is derived."""

import json
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from flows.terminal.options import JsonOption
from flows.terminal.values import visible


def url(
    urls: Annotated[list[str], typer.Argument(metavar="URL", help="URLs; - reads them from standard input.")],
    as_json: JsonOption = False,
) -> None:
    """Show the URL key of each URL and the steps that lead to it. URLs of one article share a key.

    With --json, one line {url, url_key} for each. An invalid URL gives its error, and exit code 1.
    """
    from tasks.domain.urls.key import article_id, explain_url_key
    from tasks.errors import ItemError

    n_invalid = 0
    for text in _read(urls):
        try:
            explained = explain_url_key(text)
        except ItemError as error:
            n_invalid += 1
            _write({"url": text, "url_key": None, "error": error.reason}, as_json=as_json)
            continue
        answer: dict[str, object] = {"url": text, "url_key": explained.key}
        if not as_json:
            answer |= {"article_id": article_id(explained.key), "steps": explained.steps}
        _write(answer, as_json=as_json)
    if n_invalid:
        raise typer.Exit(1)


def _read(urls: list[str]) -> Iterator[str]:
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
    sys.stdout.write("".join(f"{visible(line)}\n" for line in lines))
