"""Find the commands, run one, and turn every failure into one line."""

import pkgutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from typing import Annotated, Any, cast

import typer

import offramp.cli
from offramp.cli._ending import ended, fail
from offramp.errors import ConfigurationError

Register = Callable[[typer.Typer], None]

# The root of what typer raises for wrong usage. It is click's own in older versions of typer and typer's in newer ones.
_USAGE_ERROR = cast("type[Exception]", typer.BadParameter.__mro__[2])


def build(asked: str | None = None) -> typer.Typer:
    """The application with every command that can be found, or with the asked one alone, where there is one."""
    app = typer.Typer(
        help="Leave one model vendor for another without stopping.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_offramp)
    for register in _commands(asked):
        register(app)
    return app


def _offramp() -> None:
    """Leave one model vendor for another without stopping."""


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Returns:
        Its exit code, as `main` says.
    """
    return ended(lambda: _invoke(list(arguments) or ["--help"]))


def _invoke(arguments: list[str]) -> int:
    try:
        result: Any = build(arguments[0])(arguments, prog_name="offramp", standalone_mode=False)
    except typer.Abort:
        return 130
    except _USAGE_ERROR as error:
        return fail(_usage(error))
    return result if isinstance(result, int) else 0


def _usage(error: BaseException) -> str:
    said: Any = error
    return f"{said.format_message().rstrip('.')}. Run with --help to see the usage."


def _commands(asked: str | None) -> Iterator[Register]:
    """The asked command, which is all that is loaded of the many. Else all: help names them, and so does a slip."""
    own = {name: partial(import_module, f"offramp.cli.{name}") for name in _own_names()}
    if asked in own:
        yield _loaded(asked, own[asked])
        return
    found = sorted(entry_points(group="offramp.commands"), key=lambda entry: entry.name)
    others = {entry.name: entry.load for entry in found if entry.name not in own}
    places: dict[str, Callable[[], Any]] = {**own, **others}
    for name in [asked] if asked in places else places:
        yield _loaded(name, places[name])


def _own_names() -> list[str]:
    """The files of this folder, each a command of its name."""
    names = sorted(found.name for found in pkgutil.iter_modules(offramp.cli.__path__))
    return [name for name in names if name != "app" and not name.startswith("_")]


def _loaded(name: str, load: Callable[[], Any]) -> Register:
    """The command's `register`. One that cannot be loaded says so when called, and keeps no other from working."""
    try:
        found = load()
    except Exception as error:  # noqa: BLE001  # whatever is wrong with one command, an order must still be given
        return _stand_in(name, error)
    register: Register = getattr(found, "register", found)
    return register


def _stand_in(name: str, error: Exception) -> Register:
    def register(app: typer.Typer) -> None:
        @app.command(name, help=f"Not available: {error}", context_settings={"ignore_unknown_options": True})
        def unavailable(_arguments: Annotated[list[str] | None, typer.Argument()] = None) -> None:
            raise ConfigurationError(
                f"the command {name!r} cannot be loaded ({error})", mend="install what it names"
            ) from error

    return register
