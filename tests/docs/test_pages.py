"""Both languages say the same in the same places; nothing that the code says lacks its Chinese."""

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from app.cli import cli
from docs.generator.interface import _COMMON, document
from docs.generator.links import FENCE, LINK, is_elsewhere
from docs.generator.tree import generated, order
from docs.generator.vocabulary import meaning
from docs.generator.words import LANGUAGES, Words
from tests.docs.blocks import blocks, levels, pages

ROOT = Path(__file__).parents[2]
COMMAND = re.compile(r"^(?:[A-Z_]+=\S+ )*hedui (.+?)(?: >.*)?$", re.MULTILINE)
ENGLISH, CHINESE = pages("en"), pages("zh")


@cache
def made(language: str) -> tuple[dict[str, str], set[str]]:
    """The generated pages of a language, and the texts that they lack in it."""
    words = Words(language)
    return generated(words), words.lacking


def test_both_languages_have_the_same_pages_and_the_order_has_them_all() -> None:
    assert set(ENGLISH) == set(CHINESE)
    listed = ["index.md", *(page for one in order()["sections"] for page in one["pages"])]
    others = {name for name in made("en")[0] if not name.startswith("reference/api/")}
    assert sorted(listed) == sorted({*ENGLISH, *others})


@pytest.mark.parametrize("name", sorted(ENGLISH))
def test_a_page_is_the_same_in_both_languages(name: str) -> None:
    """The same code, and the same headings: a section that one language lacks shows here."""
    assert blocks(CHINESE[name]) == blocks(ENGLISH[name])
    assert levels(CHINESE[name]) == levels(ENGLISH[name])
    assert CHINESE[name].count("\n| ") == ENGLISH[name].count("\n| ") or "<!--" in ENGLISH[name]


def test_all_that_the_reference_says_has_its_chinese() -> None:
    """`python -m docs.generator lacking` lists what docs/site/reference.zh.po does not have."""
    assert sorted(made("zh")[1]) == []


def test_every_operation_setting_and_schema_has_its_place() -> None:
    pages = made("en")[0].items()
    whole = "\n".join(text for name, text in pages if name.startswith("reference/api/"))
    for path, item in document()["paths"].items():
        for method in item:
            assert f"`{method.upper()} {path}`" in whole, path
    for name in document()["components"]["schemas"]:
        assert whole.count(f"{{ #schema-{re.sub(r'[^a-z0-9]+', '-', name.lower())} }}") == 1, name
    told = {
        (status, one["description"])
        for item in document()["paths"].values()
        for operation in item.values()
        for status, one in operation["responses"].items()
    }
    assert told >= _COMMON


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_closed_word_has_a_meaning(language: str) -> None:
    """In the words of the review UI, or in docs/site/closed-words.yaml."""
    words = Words(language)
    closed = {
        name: schema["enum"]
        for name, schema in document()["components"]["schemas"].items()
        if "enum" in schema
    }
    untold = [
        f"{name}: {value}"
        for name, values in closed.items()
        for value in values
        if not meaning(words, name, value)
    ]
    assert untold == []


def test_every_command_that_a_page_names_is_there_with_its_options() -> None:
    """Also where it is not run: what a block of a shell says is taken by the real parser."""
    wrong = []
    for name, text in ENGLISH.items():
        for block in blocks(text):
            for command in COMMAND.findall(block.text) if block.language == "sh" else ():
                if not is_known(command):
                    wrong.append(f"{name}: hedui {command}")
    assert wrong == []


def is_known(command: str) -> bool:
    """Whether the words lead to a command, and it takes each of the options."""
    at: Any = typer.main.get_command(cli)
    words = command.split()
    while words and words[0] in getattr(at, "commands", {}):
        at = at.commands[words.pop(0)]
    taken = {option for one in at.params for option in (*one.opts, *one.secondary_opts)}
    return at.name is not None and {one for one in words if one.startswith("--")} <= taken


def test_links_between_the_repositorys_documents_lead_somewhere() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    dead = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        fenced = False
        for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
            fenced ^= FENCE.match(line.lstrip()) is not None
            for _, _, target in [] if fenced else LINK.findall(line):
                there = target.partition("#")[0]
                generated_page = "reference/" in there and name.startswith("docs/site/")
                if is_elsewhere(target) or not there or generated_page:
                    continue
                if not (path.parent / there).exists():
                    dead.append(f"{name}: {target}")
    assert dead == []


def test_every_document_that_is_named_is_there() -> None:
    """Also where its name is no link: in the changes, in a docstring, in what a command prints."""
    grep = ["git", "grep", "-nIoE", r"(^|[^a-z/])docs/[A-Za-z0-9_./-]+\.md", "--", "*.md", "*.py"]
    told = subprocess.run(grep, cwd=ROOT, capture_output=True, text=True, check=True)
    found = (line.rpartition("docs/") for line in told.stdout.splitlines())
    assert [where for where, docs, name in found if not (ROOT / f"{docs}{name}").is_file()] == []
