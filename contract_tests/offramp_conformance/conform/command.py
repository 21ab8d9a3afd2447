"""`offramp conform`: the command. What it runs is loaded when it is called, so that other commands stay quick."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from offramp.cli._state import DEFAULT_CONFIG, ConfigOption, JsonOption
from offramp.errors import ConfigurationError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("conform")(conform)


def conform(  # noqa: PLR0913  # a command's options are its parameters
    endpoint: Annotated[str, typer.Argument(help="An endpoint of the configuration.")],
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    against: Annotated[str | None, typer.Option("--against", help="Hold it against this endpoint.")] = None,
    mission: Annotated[
        str | None,
        typer.Option("--mission", help="Whose contract and policy. Default: the first with it on its route."),
    ] = None,
    level: Annotated[str, typer.Option("--level", help="core, contract or full.")] = "contract",
    folder: Annotated[Path, typer.Option("--report", help="Folder for the report and the journal.")] = Path(
        "conform-report"
    ),
    tries: Annotated[int, typer.Option("--tries", min=1, help="How often each check is tried.")] = 3,
    most_tries: Annotated[
        int, typer.Option("--most-tries", min=1, help="Up to how often, where some tries of a check broke.")
    ] = 60,
    parallel: Annotated[int, typer.Option("--parallel", min=1, help="Checks at once.")] = 4,
    only: Annotated[list[str] | None, typer.Option("--only", help="A check or an area; may be repeated.")] = None,
    without: Annotated[list[str] | None, typer.Option("--without", help="Leave out a check or an area.")] = None,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="File of known gaps.")] = None,
    golden: Annotated[
        Path | None, typer.Option("--golden", help="Hold the answers to this golden set against the old endpoint's.")
    ] = None,
    plan: Annotated[Path | None, typer.Option("--plan", help="What parity has to show: margins, alpha, power.")] = None,
    margin: Annotated[float | None, typer.Option("--margin", help="How much lower the pass rate may be.")] = None,
    judge: Annotated[str | None, typer.Option("--judge", help="The endpoint that judges between two answers.")] = None,
    max_calls: Annotated[int | None, typer.Option("--max-calls", min=1, help="Most calls to one endpoint.")] = None,
    max_cost: Annotated[str | None, typer.Option("--max-cost", help="Most US dollars at one endpoint.")] = None,
    call_timeout_s: Annotated[float, typer.Option("--call-timeout", help="Seconds for one call.")] = 60.0,
    refusal_trigger: Annotated[
        str | None,
        typer.Option("--refusal-trigger", help="The vendor's own published text that it refuses."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that was begun in the folder.")] = False,
    key: Annotated[Path | None, typer.Option("--key", help="Sign the report with this private key.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before the first call.")] = False,
    as_json: JsonOption = False,
) -> int:
    """See whether ENDPOINT does what it is said to do. Exit code 1: it does not, or it could not be told."""
    from offramp_conformance.conform.carrying_out import carry_out
    from offramp_conformance.conform.levels import level_named
    from offramp_conformance.conform.settings import ConformSettings

    settings = ConformSettings(
        config,
        endpoint,
        against=against,
        mission=mission,
        level=level_named(level, "--level"),
        tries=tries,
        most_tries=most_tries,
        parallel=parallel,
        folder=folder,
        only=tuple(only or ()),
        without=tuple(without or ()),
        baseline=baseline,
        golden=golden,
        plan=plan,
        margin=margin,
        judge=judge,
        max_calls=max_calls,
        max_cost_usd=_dollars(max_cost),
        call_timeout_s=call_timeout_s,
        resume=resume,
        options={"refusal_trigger": refusal_trigger} if refusal_trigger else {},
    )
    return 0 if carry_out(settings, asks=not yes, as_json=as_json, key=key) else 1


def _dollars(word: str | None) -> Decimal | None:
    if word is None:
        return None
    try:
        amount = Decimal(word.removeprefix("$"))
    except InvalidOperation as error:
        raise ConfigurationError(f"{word!r} is no amount", where="--max-cost", mend="write it as 2.50") from error
    if not (amount.is_finite() and amount > 0):
        raise ConfigurationError("the amount must be above 0", where="--max-cost", mend="write it as 2.50")
    return amount
