"""`offramp policy waive`: lift, for a mission and for a time, what a move carried over."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from offramp.cli._carry_over import name_in
from offramp.cli._enlist import enlist
from offramp.cli._output import console, record
from offramp.cli._policies import MissionArgument, policies_in
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption
from offramp.config import Config, load_config
from offramp.contracts.audit import Detail, Entry
from offramp.contracts.declaration import Waiver
from offramp.errors import ConfigurationError
from offramp.policy import waivers_from
from offramp.policy.toml_text import waiver_toml
from offramp.policy.waivers import is_sensitive
from offramp.policy.waiving import check_waiver


def waive(  # noqa: PLR0913  # each is an option of its own
    mission: MissionArgument,
    document: Annotated[str, typer.Argument(help="The carried-over document, or endpoint:NAME for all from it.")],
    clauses: Annotated[list[str], typer.Argument(help="Clause ids, or * for all.")],
    *,
    authority: Annotated[str, typer.Option("--authority", help="Who decides it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    until: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="Its last day, UTC.")],
    second_authority: Annotated[
        str | None, typer.Option("--second-authority", help="Another who decides it: for surv.*, intel.* and force.*.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", help="The file of waivers. Default: waivers-MISSION.toml.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Lift clauses that came over from another endpoint, from today on; never the floor or an endpoint's own terms."""
    today = datetime.now(UTC).date()
    case = policies_in(config).mission(mission, where=config).case
    if case is None:
        mend = "run `offramp policy check`"
        raise ConfigurationError(f"the declaration of {mission!r} cannot be read", where=str(config), mend=mend)
    waiver = Waiver(
        mission=mission,
        document=document,
        clauses=tuple(dict.fromkeys(clauses)),
        authority=authority,
        second_authority=second_authority,
        reason=reason,
        on=today,
        valid_until=until.date(),
    )
    check_waiver(case, waiver, today)
    setting = load_config(config)
    file = into or config.parent / f"waivers-{mission}.toml"
    _append(file, waiver)
    told = [f"wrote {file}: {', '.join(waiver.clauses)} of {document} for {mission} until {waiver.valid_until}"]
    if not enlist(config, ("missions", mission), "waivers", name_in(config, file)):
        told.append(f'add it in {config}, under [missions.{mission}]: waivers = ["{name_in(config, file)}"]')
    told += _to_be_signed(setting, file, two=is_sensitive(case))
    told += _recorded(setting, waiver)
    console().print("\n".join(told))


def _append(file: Path, waiver: Waiver) -> None:
    """Put it behind the waivers that the file holds already, if the whole is sound."""
    before = file.read_text("utf-8") if file.exists() else "schema = 1\n"
    text = f"{before.rstrip()}\n\n{waiver_toml(waiver)}"
    waivers_from(str(file), text.encode())
    file.write_text(text, "utf-8")


def _to_be_signed(config: Config, file: Path, *, two: bool) -> Iterator[str]:
    if config.signers is None:
        yield "it is unsigned, and every report says so"
        return
    yield f"have it signed{' by both' if two else ''}: offramp policy sign {file} --key KEY"
    if config.require_signed:
        yield "  until then it lifts nothing"


def _recorded(config: Config, waiver: Waiver) -> Iterator[str]:
    detail: dict[str, Detail] = {
        "document": _code(waiver.document),
        "clauses": ",".join(waiver.clauses),
        "authority": _code(waiver.authority),
        "second_authority": _code(waiver.second_authority) if waiver.second_authority else None,
        "valid_until": waiver.valid_until.isoformat(),
    }
    key = config.at(config.audit_key) if config.audit_key else None
    why = record(config.at(config.audit), key, Entry("waiver", mission=waiver.mission, detail=detail))
    if why:
        yield f"warning: the decision log does not have it: {why}"


def _code(word: str) -> str:
    """One word, as the log takes it."""
    return "_".join(word.split())
