"""The commands, from typer's own parameters."""

from collections.abc import Iterator
from typing import Any

import typer

from app.cli import cli
from docs.generator.markdown import anchor, code, heading, safe, table
from docs.generator.words import Words


def page(words: Words) -> str:
    """Every command with its arguments and options."""
    own = words.own
    lines = heading(1, own("Commands", "命令"))
    lines += [
        words(
            "`hedui COMMAND --help` tells the same. Exit status 0: done; 1: something was found or "
            "refused; 2: the command or its configuration is wrong."
        ),
        "",
    ]
    root = typer.main.get_command(cli)
    for path, command in _all(root, "hedui"):
        group = hasattr(command, "commands")
        lines += heading(3 if path.count(" ") > 1 else 2, path, anchor(path))
        lines += [safe(words(command.help or "")), ""]
        lines += _parameters(words, command) if not group else []
    return "\n".join(lines)


def _all(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Commands in the order of their names, a group before what is in it; the root is left out."""
    for name, one in sorted(command.commands.items()):
        yield f"{path} {name}", one
        if hasattr(one, "commands"):
            yield from _all(one, f"{path} {name}")


def _parameters(words: Words, command: Any) -> list[str]:
    own = words.own
    rows = []
    for one in command.params:
        if one.name == "help":
            continue
        option = one.param_type_name == "option"
        names = [*one.opts, *one.secondary_opts] if option else [str(one.human_readable_name)]
        rows.append(
            (
                ", ".join(code(name) for name in names),
                safe(_kind(one)),
                _default(words, one),
                safe(words(getattr(one, "help", None) or "")),
            )
        )
    head = [
        own("argument", "参数"),
        own("type", "类型"),
        own("default", "默认"),
        own("meaning", "含义"),
    ]
    return table(head, rows)


def _kind(one: Any) -> str:
    choices = getattr(one.type, "choices", None)
    if choices:
        return ", ".join(str(getattr(choice, "value", choice)) for choice in choices)
    return str(one.type.name)


def _default(words: Words, one: Any) -> str:
    if one.required:
        return words.own("needed", "必填")
    variable = one.envvar if isinstance(one.envvar, str) else ""
    given = one.default if not callable(one.default) else ""
    shown = "" if given in (None, "", (), []) else str(getattr(given, "value", given))
    return " ".join(
        part for part in (code(shown), f"({code(variable)})" if variable else "") if part
    )
