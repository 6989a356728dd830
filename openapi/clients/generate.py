"""Writes the client's models and operations from the interface's document (`make client`).

The models are datamodel-code-generator's; the operations are one template, filled for the paths
that `operations.yaml` names.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import jinja2
import yaml

HERE: Final = Path(__file__).parent
DOCUMENT: Final = HERE.parent / "hedui.json"
PACKAGE: Final = HERE / "python" / "hedui_client"
ALWAYS: Final = ("Problem", "NoticeOut")
"""Models that no operation names and that callers need: of errors, of what is posted to them."""
_REFERENCE: Final = "#/components/schemas/"
_JSON: Final = ("application/json", "application/jwk-set+json")
_PLAIN: Final = {"string": "str", "integer": "int", "boolean": "bool", "null": "None"}
_HEADER: Final = "# Generated from the interface's document by `make client`; change nothing here."
Json = Any


def main(folder: Path = PACKAGE) -> None:
    """`models.py` and `operations.py` into the folder."""
    document = json.loads(DOCUMENT.read_text("utf-8"))
    wanted = yaml.safe_load((HERE / "operations.yaml").read_text("utf-8"))
    asked = {name: _found(document, *where.split()) for name, where in wanted.items()}
    schemas = _reachable(
        document["components"]["schemas"], [one["whole"] for one in asked.values()]
    )
    asked, schemas = _renamed((asked, schemas), _short_names(schemas))
    (folder / "models.py").write_text(_models(schemas), "utf-8")
    (folder / "operations.py").write_text(_operations(asked, schemas), "utf-8")


def _found(document: Json, method: str, path: str, media: str = "") -> dict[str, Json]:
    return {
        "method": method.upper(),
        "path": path,
        "media": media,
        "whole": _successes(document["paths"][path][method]),
    }


def _successes(operation: Json) -> Json:
    """Without the errors: all of them are problems."""
    answers = {status: it for status, it in operation["responses"].items() if status[0] == "2"}
    return {**operation, "responses": answers}


def _references(within: Json) -> Iterator[str]:
    if isinstance(within, dict):
        for name, value in within.items():
            if name == "$ref":
                yield value.removeprefix(_REFERENCE)
            else:
                yield from _references(value)
    elif isinstance(within, list):
        for value in within:
            yield from _references(value)


def _reachable(schemas: Mapping[str, Json], start: Json) -> dict[str, Json]:
    known: set[str] = set()
    due = [*_references(start), *ALWAYS]
    while due:
        name = due.pop()
        if name not in known:
            known.add(name)
            due += _references(schemas[name])
    return {name: schemas[name] for name in sorted(known)}


def _short_names(schemas: Mapping[str, Json]) -> dict[str, str]:
    """`app__api__schemas__alerts__SourceOut` is `SourceOut`, or `AlertsSourceOut` among several."""
    counts = Counter(name.rsplit("__", maxsplit=1)[-1] for name in schemas)
    short = {}
    for name in schemas:
        *folders, last = name.split("__")
        first = folders[-1].title().replace("_", "") if folders and counts[last] > 1 else ""
        short[name] = first + last
    return short


def _renamed(within: Json, names: Mapping[str, str]) -> Json:
    text = json.dumps(within)
    for name, short in names.items():
        text = text.replace(f'"{_REFERENCE}{name}"', f'"{_REFERENCE}{short}"')
    asked, schemas = json.loads(text)
    return asked, {
        names[name]: {**schema, "title": names[name]} for name, schema in schemas.items()
    }


def _models(schemas: Mapping[str, Json]) -> str:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "hedui", "version": "1"},
        "paths": {},
        "components": {"schemas": schemas},
    }
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "given.json"), Path(folder, "made.py")
        given.write_text(json.dumps(document), "utf-8")
        options = (
            *("--input", given, "--input-file-type", "openapi", "--output", made),
            *("--output-model-type", "typing.TypedDict", "--target-python-version", "3.11"),
            *("--enum-field-as-literal", "all", "--no-use-closed-typed-dict"),
            *("--use-schema-description", "--use-double-quotes", "--disable-timestamp"),
            *("--formatters", "builtin", "--custom-file-header", _HEADER),
        )
        command = [sys.executable, "-m", "datamodel_code_generator", *map(str, options)]
        subprocess.run(command, check=True)  # noqa: S603 - the words are ours
        text = made.read_text("utf-8")
    opening = '"""The documents 报文 that are sent and answered, as types of JSON."""\n\n'
    return _formatted(opening + text)


def _operations(asked: Mapping[str, Json], schemas: Mapping[str, Json]) -> str:
    operations = [_operation(name, it) for name, it in asked.items()]
    template = jinja2.Template(
        (HERE / "operations.py.jinja").read_text("utf-8"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
    )
    text = template.render(operations=operations, models=[])
    words = set(re.findall(r"\w+", text))
    return _formatted(template.render(operations=operations, models=sorted(words & set(schemas))))


def _operation(name: str, given: Json) -> dict[str, Json]:
    whole, path = given["whole"], given["path"]
    parameters = whole.get("parameters", [])
    keyed = any(it["name"].lower() == "idempotency-key" for it in parameters)
    options = {
        kind: [_option(it) for it in parameters if it["in"] == kind and _is_option(it)]
        for kind in ("query", "header")
    }
    media = whole.get("requestBody", {}).get("content", {})
    form = _form(media, given["media"], {it["name"] for it in options["query"]})
    reads, answer, accepts = _answer(whole, options["query"])
    if accepts:
        options["header"].append(
            {"name": "accept", "wire": "Accept", "type": accepts, "required": True}
        )
    return {
        "name": name,
        "method": given["method"],
        "path": path,
        "address": re.sub(r"\{(\w+)\}", r"{quoted(\1)}", path),
        "path_names": re.findall(r"\{(\w+)\}", path),
        "summary": whole["summary"],
        "options": [*options["query"], *options["header"], *form],
        "query": options["query"],
        "headers": options["header"],
        "form": form,
        "keyed": keyed,
        "upload": given["media"].startswith("multipart"),
        "body": "" if form or given["media"].startswith("multipart") else _body(media),
        "answer": answer,
        "reads": reads,
    }


def _is_option(parameter: Json) -> bool:
    return str(parameter["name"]).lower() != "idempotency-key"


def _option(parameter: Json) -> dict[str, Json]:
    wire = parameter["name"]
    name = re.sub(r"\W", "_", wire.lower())
    return {
        "name": f"{name}_" if name in ("from", "class") else name,
        "wire": wire,
        "type": _type(parameter["schema"]),
        "required": parameter.get("required", False),
    }


def _form(media: Json, wanted: str, known: set[str]) -> list[dict[str, Json]]:
    """Fields beside the file, but for those that the query has too."""
    if not wanted.startswith("multipart"):
        return []
    fields = media[wanted]["schema"]["properties"]
    return [
        {"name": name, "wire": name, "type": _type(schema), "required": False}
        for name, schema in fields.items()
        if name != "roster" and name not in known
    ]


def _body(media: Json) -> str:
    return _type(media["application/json"]["schema"]) if "application/json" in media else ""


def _answer(whole: Json, query: Json) -> tuple[str, str, str]:
    """How the answer is read, its type, and the type of `Accept` where there is a choice."""
    contents = [it.get("content", {}) for it in whole["responses"].values()]
    media = sorted({kind for content in contents for kind in content})
    if not media:
        return "nothing", "None", ""
    if len(media) > 1 or media[0] not in _JSON:
        named = any(it["wire"] == "format" for it in query)
        return "bytes", "bytes", "" if named else f"Literal[{', '.join(map(json.dumps, media))}]"
    types = {_type(content[media[0]]["schema"]) for content in contents if content}
    return "json", " | ".join(sorted(types)), ""


def _type(schema: Json) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].removeprefix(_REFERENCE))
    if "enum" in schema:
        return f"Literal[{', '.join(map(json.dumps, schema['enum']))}]"
    if "anyOf" in schema:
        types = [_type(one) for one in schema["anyOf"]]
        return " | ".join(dict.fromkeys(one for one in types if one != "None"))
    return _PLAIN.get(schema.get("type", ""), "Mapping[str, Any]")


def _formatted(text: str) -> str:
    """As all of the repository is."""
    for command in (("check", "--fix-only", "--quiet"), ("format", "--quiet")):
        done = subprocess.run(  # noqa: S603 - the words are ours
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", PACKAGE / "made.py", "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=HERE,
        )
        text = done.stdout
    return text


if __name__ == "__main__":
    main()
