"""The matrix: who was caught, who was missed, and who was accused though honest."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from offramp_conformance.liars.campaign import Kind, Outcome, Report, Verdict

_SIGNS: Final[dict[Verdict, str]] = {
    "silent": "[green]·[/]",
    "false_alarm": "[red bold]accused[/]",
    "caught": "[green]caught[/]",
    "seen": "[yellow]seen[/]",
    "missed": "[red bold]missed[/]",
    "no_check": "[yellow]no check[/]",
}
_SHORT: Final = {
    "anthropic_messages": "anthropic",
    "bedrock_converse": "bedrock",
    "openai_chat": "chat",
    "openai_responses": "responses",
    "ollama_native": "ollama",
    "cohere_v2": "cohere",
}
_SHOWN_CHECKS: Final = 3


def show(report: Report, out: Console) -> None:
    """Print it, the verdict last."""
    for table in (_honest(report), _liars(report), _anonymous(report)):
        if table.row_count:
            out.print(table)
    for each in report.outcomes:
        if each.verdict == "false_alarm":
            out.print(f"[red]{each.job.id} in {each.job.dialect} is honest, and accused:[/] {'; '.join(each.reasons)}")
    out.print(
        f"[bold]{report.count('caught')} caught, {report.count('seen')} seen, {report.count('missed')} missed, "
        f"{report.count('no_check')} without a check, {report.count('false_alarm')} false alarms "
        f"in {report.count('silent') + report.count('false_alarm')} honest trials[/]"
    )


def _of(report: Report, *kinds: Kind) -> list[Outcome]:
    return [each for each in report.outcomes if each.job.kind in kinds]


def _honest(report: Report) -> Table:
    found = _of(report, "honest", "variant")
    dialects = list(dict.fromkeys(each.job.dialect for each in found))
    table = Table("honest vendor", *(_SHORT.get(each, each) for each in dialects), title="Who must be found honest")
    for vendor in dict.fromkeys(each.job.id for each in found):
        by_dialect = {each.job.dialect: each for each in found if each.job.id == vendor}
        table.add_row(vendor, *(_cell(by_dialect.get(each)) for each in dialects))
    return table


def _cell(outcome: Outcome | None) -> str:
    return "" if outcome is None else _SIGNS[outcome.verdict]


def _liars(report: Report) -> Table:
    found = _of(report, "always", "rarely")
    table = Table("liar", "in every call", "in one of five", "named by", title="Who must be caught")
    for liar in dict.fromkeys(each.job.id for each in found):
        rows = [each for each in found if each.job.id == liar]
        always = [each for each in rows if each.job.kind == "always"]
        rarely = [each for each in rows if each.job.kind == "rarely"]
        table.add_row(liar, _cells(always), _cells(rarely), _checks(always or rarely))
    return table


def _cells(outcomes: Sequence[Outcome]) -> str:
    """One word where there is one trial; else how many of them were caught, and where it was missed."""
    if len(outcomes) < 2:
        return _cell(outcomes[0]) if outcomes else ""
    missed = [_SHORT.get(each.job.dialect, each.job.dialect) for each in outcomes if each.verdict == "missed"]
    caught = sum(each.verdict in ("caught", "seen") for each in outcomes)
    return f"{caught}/{len(outcomes)}" + (f" [red bold]missed: {', '.join(missed)}[/]" if missed else "")


def _checks(outcomes: Iterable[Outcome]) -> str:
    ids = list(dict.fromkeys(check for each in outcomes for check in each.named))
    more = f" and {len(ids) - _SHOWN_CHECKS} more" if len(ids) > _SHOWN_CHECKS else ""
    return ", ".join(ids[:_SHOWN_CHECKS]) + more


def _anonymous(report: Report) -> Table:
    table = Table("draw", "dialect", "verdict", "rank", "truth", title="Who must be found out")
    for each in _of(report, "anonymous"):
        table.add_row(each.job.id, each.job.dialect, _cell(each), str(each.rank or "-"), *each.reasons)
    return table
