"""`offramp models`: which models an endpoint's account may use, as its host tells. A send like any other."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from offramp.blocking import Client
from offramp.cli._output import console, print_json
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption, JsonOption
from offramp.config import Config, load_config
from offramp.errors import ConfigurationError
from offramp.types import JsonObject, ModelInfo


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("models")(models)


def models(
    endpoint: Annotated[str, typer.Argument(help="An endpoint of the configuration.")],
    *,
    mission: Annotated[
        str | None, typer.Option(help="Under which mission to ask. Default: the first whose route has the endpoint.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Ask an endpoint's host for its models. Policy, orders and the decision log hold as for any call."""
    loaded = load_config(config)
    name = mission or _mission_of(loaded, endpoint)
    with Client(loaded) as client:
        told = client.mission(name).models(endpoint)
    if as_json:
        rows = [_json(each) for each in told.models]
        print_json({"schema": "offramp-models/1", "endpoint": endpoint, "mission": name, "models": rows})
        return
    table = Table("model", "title", "developer", "context", "most out", "retires")
    for each in told.models:
        numbers = (each.context_tokens, each.max_output_tokens)
        words = (each.name, each.title, each.developer, *numbers, each.retires)
        table.add_row(*(Text("unknown" if word is None else str(word)) for word in words))
    console().print(table)


def _mission_of(config: Config, endpoint: str) -> str:
    if endpoint not in config.endpoints:
        known = ", ".join(sorted(config.endpoints))
        raise ConfigurationError(f"there is no endpoint {endpoint!r}", mend=f"use one of {known}")
    for name, table in config.missions.items():
        if endpoint in table.route:
            return name
    raise ConfigurationError(
        f"no mission has the endpoint {endpoint!r} on its route, so no policy says whether it may be asked",
        where="missions",
        mend="add it to a route",
    )


def _json(model: ModelInfo) -> JsonObject:
    return {
        "model": model.name,
        "title": model.title,
        "developer": model.developer,
        "created": model.created,
        "retires": model.retires,
        "context_tokens": model.context_tokens,
        "max_output_tokens": model.max_output_tokens,
    }
