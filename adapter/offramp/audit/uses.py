"""Who was used, for what, since when: read from the decision log."""

from dataclasses import KW_ONLY, replace
from datetime import datetime
from pathlib import Path

from offramp.audit.chain import records_of
from offramp.audit.records import Record, identity_of
from offramp.audit.verification import VerifyResult, verify
from offramp.types import Identity, Selector, value


@value
class Use:
    """What one mission has sent to one endpoint."""

    _: KW_ONLY
    mission: str | None
    endpoint: str
    developer: str
    host: str
    model: str
    sent: int = 0
    """Exchanges for which permission was used: bytes may have left."""
    refused: int = 0
    """Exchanges that policy or an order refused."""
    cut: int = 0
    """Exchanges that an order cut in the middle."""
    first_sent: datetime | None = None
    last_sent: datetime | None = None


@value
class UseReport:
    """The uses that a selector names, and how sound the log is that tells of them."""

    selector: Selector
    since: datetime | None
    uses: tuple[Use, ...]
    log: VerifyResult


def uses(folder: Path, selector: Selector, *, since: datetime | None = None) -> UseReport:
    """Count what was sent to whatever the selector names.

    Raises:
        StateError: there is no log, or it cannot be read.
    """
    found: dict[tuple[str | None, ...], Use] = {}
    verdict = verify(folder)
    files = sorted(folder.glob("*.jsonl")) if folder.is_dir() else [folder]
    for file in files:
        for record in records_of(file):
            _count(record, found, selector=selector, since=since)
    return UseReport(selector, since, tuple(found.values()), verdict)


def _count(
    record: Record, found: dict[tuple[str | None, ...], Use], *, selector: Selector, since: datetime | None
) -> None:
    identity = identity_of(record.content.get("identity"))
    if identity is None or not selector.matches(identity):
        return
    at = datetime.fromisoformat(record.at)
    if since is not None and at < since:
        return
    mission = record.content.get("mission")
    key = (mission, identity.endpoint, identity.developer, identity.host, identity.model)
    use = found.get(key) or _unused(mission, identity)
    match record.kind:
        case "sent":
            first, last = min(use.first_sent or at, at), max(use.last_sent or at, at)
            found[key] = replace(use, sent=use.sent + 1, first_sent=first, last_sent=last)
        case "decision" if record.content.get("allowed") is False:
            found[key] = replace(use, refused=use.refused + 1)
        case "cut":
            found[key] = replace(use, cut=use.cut + 1)
        case _:
            return


def _unused(mission: str | None, identity: Identity) -> Use:
    return Use(
        mission=mission,
        endpoint=identity.endpoint,
        developer=identity.developer,
        host=identity.host,
        model=identity.model,
    )
