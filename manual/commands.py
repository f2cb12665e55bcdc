"""The reference of the command line, made from the commands' own help."""

from collections.abc import Iterator
from typing import Any

import typer

from flows.cli import app

_HEAD = """# Commands

Every command with its arguments and options, as `wirehouse COMMAND --help` shows them. Options follow the
command's name. An option that repeats may be given several times. `wirehouse --version` prints the version,
and `wirehouse --install-completion` installs the completion of commands and options in your shell.
[Exit codes and environment variables](environment.md) are on another page.
"""


def commands_page() -> str:
    """Return the page: one chapter a command, in the order of the help."""
    chapters = [_chapter(name, command) for name, command in walk_commands()]
    return "\n".join([_HEAD, *chapters])


def walk_commands() -> Iterator[tuple[str, Any]]:
    """Yield the name and the command of each command that runs something: ("sources add", ...)."""
    yield from _walk("", typer.main.get_command(app))


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child_name, child in children.items():
        yield from _walk(f"{name} {child_name}".strip(), child)


def _chapter(name: str, command: Any) -> str:
    shown = [p for p in command.params if not getattr(p, "hidden", False)]
    arguments = [p for p in shown if p.param_type_name == "argument"]
    options = [p for p in shown if p.param_type_name == "option" and "--help" not in p.opts]
    usage = " ".join(["wirehouse", name, *(_usage(p) for p in arguments), "[OPTIONS]" if options else ""])
    lines = [f"## wirehouse {name}", _text(command.help), "", "```text", usage.strip(), "```", ""]
    if arguments or options:
        lines += ["| argument or option | meaning |", "|---|---|"]
        rows = [(_names(p), _meaning(p)) for p in [*arguments, *options]]
        lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
        lines.append("")
    return "\n".join(lines)


def _usage(argument: Any) -> str:
    name = _argument_name(argument) + ("..." if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def _argument_name(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper()).strip("[].…")


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{_argument_name(parameter)}`"
    names = ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
    return names + (f" `{parameter.metavar}`" if parameter.metavar else "")


def _meaning(parameter: Any) -> str:
    parts = [_text(parameter.help)]
    if getattr(parameter, "multiple", False) and "repeat" not in parts[0].lower():
        parts.append("Repeats.")
    if parameter.envvar:
        parts.append(f"Environment: `{parameter.envvar}`.")
    if _has_default(parameter) and "default" not in parts[0].lower():
        parts.append(f"Default: `{parameter.default}`.")
    return " ".join(part for part in parts if part)


def _has_default(parameter: Any) -> bool:
    default = parameter.default
    return default not in (None, "", ()) and not isinstance(default, bool) and not callable(default)


def _text(help_text: str | None) -> str:
    return " ".join((help_text or "").split())
