"""Self-contained HTML pages: one file, no script, no address from which anything is loaded; it prints well."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offramp.cli._output import console
from offramp.errors import MissingExtraError
from offramp.types import JsonObject

if TYPE_CHECKING:
    from jinja2 import Environment

HtmlOption = Annotated[Path | None, typer.Option("--html", help="Write one self-contained HTML page to this file.")]


def write_page(file: Path, template: str, content: JsonObject) -> None:
    """Fill in a template of this folder's `pages`, write it, and say so.

    Raises:
        MissingExtraError: jinja2 is not installed.
    """
    file.write_text(page_environment().get_template(template).render(content), "utf-8")
    console(to_errors=True).print(f"wrote {file}")


@cache
def page_environment(*packages: str) -> "Environment":
    """Everything that is filled in is escaped; a name that is not given is an error.

    Args:
        packages: further packages with a folder `pages`, whose templates may extend those here.
    """
    try:
        from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined  # an extra, for pages only
    except ModuleNotFoundError as error:
        raise MissingExtraError("cli", needed_for="an HTML page") from error
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, "pages") for package in (*packages, "offramp.cli")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
