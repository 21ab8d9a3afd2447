"""`offramp policy diff`: what a move, or a new text, allows and denies that was not so before."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from offramp._policy_files import channels_of, place_sources, read_policy
from offramp._policy_reader import reader_of
from offramp.cli._carry_over import write_carry_over
from offramp.cli._output import console, print_json
from offramp.cli._policy_words import box_text, place_text, uses_text
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption, JsonOption
from offramp.config import Config, endpoint_of, load_config
from offramp.errors import ConfigurationError
from offramp.policy import PolicyReader, contract_from
from offramp.policy.diff import Change, ChangeKind, Part, PolicyDiff
from offramp.policy.diff import diff as difference
from offramp.policy.position import Position, position_of_document, position_of_endpoint
from offramp.policy.reports import diff_report, report_json

_TITLES: Final[dict[ChangeKind, str]] = {
    "newly_denied": "Newly denied, by what denies it now",
    "newly_allowed": "Newly allowed, by what denied it before",
    "still_denied": "Unchanged: denied, by what denies it now",
    "still_allowed": "Unchanged: allowed, by what permits it now",
}
_SHOWN: Final = 3
"""So many combinations of a part are shown to people; `--json` has all."""


def diff(
    old: Annotated[str, typer.Argument(help="An endpoint of the configuration, or a contract's FILE.toml.")],
    new: Annotated[str, typer.Argument(help="Another endpoint, or another contract's file.")],
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    new_config: Annotated[
        Path | None, typer.Option("--new-config", help="The configuration of NEW, where that is another.")
    ] = None,
    on: Annotated[
        datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Compare as on this day, UTC.")
    ] = None,
    carry_over: Annotated[
        Path | None,
        typer.Option("--carry-over", help="Write what OLD forbids as carry-over contracts into this folder."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Compare two endpoints, or two contracts, over every use and every combination of facets. None is left out.

    Two endpoints: all that governs them on the day, the floor included; what belongs to single missions, their
    approvals and waivers, is left out. Two files: what the two texts say, whatever their dates. With --carry-over, what
    OLD forbids stays forbidden at NEW, and at every endpoint, until a waiver lifts it; offramp.toml names the files.

    Exit code 0: every declaration is treated as it was. 1: something changes.
    """
    day = (on or datetime.now(UTC)).date()
    before, now = _positions(old, new, config, new_config or config, day)
    found = difference(before, now)
    if as_json:
        print_json(report_json(diff_report(found)))
    else:
        _show(found)
    if carry_over is not None:
        if _is_file(old):
            raise ConfigurationError("only an endpoint is left", where="--carry-over", mend="name two endpoints")
        told = write_carry_over(carry_over, before, found, config=new_config or config, day=day)
        console(to_errors=as_json).print("\n".join(told))
    return 0 if found.changes_nothing else 1


def _positions(old: str, new: str, config: Path, new_config: Path, day: date) -> tuple[Position, Position]:
    files = [_is_file(name) for name in (old, new)]
    if all(files):
        return _document(old, config, day), _document(new, config, day)
    if any(files):
        mend = "name two endpoints, or two files"
        raise ConfigurationError("an endpoint and a single text do not compare", where=f"{old} and {new}", mend=mend)
    return _endpoint(old, load_config(config), day), _endpoint(new, load_config(new_config), day)


def _is_file(name: str) -> bool:
    return name.endswith(".toml")


def _document(name: str, config: Path, day: date) -> Position:
    setting = load_config(config) if config.exists() else None
    reader = reader_of(setting, today=day, remember=False) if setting else PolicyReader(Path())
    return position_of_document(reader.insist(contract_from, Path(name).absolute()))


def _endpoint(name: str, config: Config, day: date) -> Position:
    if name not in config.endpoints:
        mend = f"use one of {', '.join(config.endpoints)}, or a contract's FILE.toml"
        raise ConfigurationError(f"there is no endpoint {name!r}", where=str(config.folder), mend=mend)
    sources = place_sources(config, read_policy(config, today=day))
    return position_of_endpoint(endpoint_of(config, name).identity, sources, day, channels=channels_of(config))


def _show(found: PolicyDiff) -> None:
    out, totals = console(), found.totals
    marks = [word for word, holds in (("unreviewed", found.unreviewed), ("unsigned", found.unsigned)) if holds]
    out.print(f"From {found.old} to {found.new}{' (' + ', '.join(marks) + ')' if marks else ''}")
    for kind, title in _TITLES.items():
        changes = [change for change in found.changes if change.kind == kind]
        if changes:
            out.print(_table(title, changes, whole=kind.startswith("newly")))
    out.print(f"newly denied {totals.newly_denied:,}, newly allowed {totals.newly_allowed:,}")
    out.print(f"unchanged: denied {totals.still_denied:,}, allowed {totals.still_allowed:,}")
    out.print("Counted are declarations: each use with each combination of facets, and of evidence that is asked for.")


def _table(title: str, changes: list[Change], *, whole: bool) -> Table:
    columns = ["layer", "clause", "document", "in our words", "uses", "declarations"]
    table = Table(*columns, *(["where"] if whole else []), title=title)
    for change in changes:
        reason = change.reason
        about = (reason.layer, reason.clause or f"({reason.effect})", place_text(reason), reason.text)
        if not whole:
            uses = [use for part in change.parts for use in part.uses]
            table.add_row(*about, uses_text(uses), f"{change.declarations:,}")
            continue
        for place, part in enumerate(change.parts):
            told = about if place == 0 else ("",) * len(about)
            table.add_row(*told, uses_text(part.uses), f"{part.declarations:,}", _where(part))
    return table


def _where(part: Part) -> str:
    told = "; or ".join(box_text(box) for box in part.where[:_SHOWN])
    more = len(part.where) - _SHOWN
    return f"{told}; and {'' if part.is_whole else 'over '}{more} more (--json)" if more > 0 else told
