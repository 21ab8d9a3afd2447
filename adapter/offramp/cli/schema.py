"""`offramp schema`: the JSON Schema of whatever a command prints for programs."""

import json
from importlib.resources import files
from typing import Annotated, Final

import typer

from offramp.cli._output import console, print_json
from offramp.errors import ConfigurationError
from offramp.policy.reports import report_schema
from offramp.types import JsonObject

_SUFFIX: Final = ".schema.json"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("schema")(schema)


def schema(
    name: Annotated[str | None, typer.Argument(help="As in the document's own `schema`, such as check.")] = None,
) -> None:
    """Print the JSON Schema of what a command prints with --json. Without NAME: which there are."""
    if name is None:
        console().print("\n".join(schema_names()))
    else:
        print_json(schema_of(name))


def schema_names() -> tuple[str, ...]:
    """Every kind of document, in alphabetical order."""
    own = (file.name.removesuffix(_SUFFIX) for file in (files("offramp.cli") / "schemas").iterdir())
    return tuple(sorted((*own, "verify", "policy-diff", "policy-decisions")))


def schema_of(name: str) -> JsonObject:
    """The schema of one kind. Raises ConfigurationError."""
    if name not in schema_names():
        mend = f"use one of {', '.join(schema_names())}"
        raise ConfigurationError(f"nothing is printed of the kind {name!r}", where="NAME", mend=mend)
    match name:
        case "policy-diff":
            return report_schema("diff")
        case "policy-decisions":
            return report_schema("decisions")
        case "verify":
            file = files("offramp.audit") / "verify-report.schema.json"
        case _:
            file = files("offramp.cli") / "schemas" / f"{name}{_SUFFIX}"
    found: JsonObject = json.loads(file.read_text("utf-8"))
    return found
