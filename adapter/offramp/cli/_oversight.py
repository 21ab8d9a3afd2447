"""The books of oversight that a command works on, and how it records what it has done."""

from offramp._assembly import books_of
from offramp._oversight import Books
from offramp.audit import DecisionLog, signed_by
from offramp.config import Config
from offramp.contracts.audit import Detail, Entry, RecordKind
from offramp.contracts.clock import Clock
from offramp.errors import OfframpError
from offramp.state import OversightFile


def open_books(config: Config, *, clock: Clock | None = None) -> Books:
    """Those beside the configuration's state. Nothing is made before something is written."""
    return books_of(OversightFile.beside(config.state, config.folder, clock=clock))


def record(config: Config, kind: RecordKind, *, mission: str, by: str, detail: dict[str, Detail]) -> str | None:
    """Put it into the decision log. It stands already: where this fails, give a warning, and no error."""
    key = config.at(config.audit_key) if config.audit_key else None
    try:
        log = DecisionLog(config.at(config.audit), checkpointing=signed_by(key))
        log.append(Entry(kind, mission=mission, detail={**detail, "by": log.pseudonym(by)}))
        log.close()
    except OfframpError as error:
        return f"it stands, but the decision log does not have it: {error}"
    return None
