"""What the gate itself records: refusals, sends and cuts."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

from offramp.contracts.audit import DecisionRecorder, Entry, decision_entry
from offramp.contracts.policy import Decision
from offramp.contracts.state import Order
from offramp.errors import OfframpError, StateError
from offramp.state.token import Token
from offramp.types import Identity


class Journal:
    """Writes the gate's entries to the decision log, where there is one."""

    def __init__(self, log: DecisionRecorder | None) -> None:
        self._log = log

    def denied(self, identity: Identity, decision: Decision, *, epoch: int | None, call_id: str | None) -> None:
        """A token was asked for against a denial. Raises StateError."""
        if self._log is None:
            return
        self._log.append(decision_entry(decision, identity=identity, call_id=call_id, epoch=epoch))

    def decided(self, token: Token, epoch: int | None) -> None:
        """A permit stands in the log before what follows from it. Raises StateError."""
        if self._log is not None:
            self._log.defer(_permit(token, epoch))
            token.told = True

    def unused(self, token: Token, epoch: int | None) -> None:
        """A permit was not used. Where that cannot be recorded the next send is refused."""
        with suppress(Exception):  # whatever a recorder of somebody else's raises: the exchange is over
            self.decided(token, epoch)

    def stopped(self, identity: Identity, order: Order, *, mission: str | None, call_id: str | None) -> None:
        """An order refused a send. Where that cannot be recorded it is refused all the same."""
        if self._log is None:
            return
        entry = Entry(
            "decision",
            mission=mission,
            endpoint=identity.endpoint,
            identity=identity,
            allowed=False,
            reasons=(f"order:{order.id}:{order.state}",),
            epoch=order.epoch,
            call_id=call_id,
        )
        self._append_if_possible(self._log, entry)

    def sent(self, tokens: Sequence[Token], epoch: int) -> None:
        """The permits, and that they are used: from here on bytes may leave. Raises StateError, and then none does."""
        if self._log is None or not tokens:
            return
        entries: list[Entry] = []
        for token in tokens:
            if not token.told:
                entries.append(_permit(token, epoch))
            entries.append(_about("sent", token, epoch))
        try:
            self._log.append(*entries)
        except OfframpError:
            raise
        except Exception as error:  # a recorder of somebody else's
            what = f"a decision could not be recorded ({type(error).__name__}), so nothing is sent"
            raise StateError(what, where="audit") from error
        for token in tokens:
            token.told = True

    def cut(self, token: Token, epoch: int | None) -> None:
        """An exchange was cut. Where that cannot be recorded the cut stands, and the next send is refused."""
        if self._log is not None:
            self._append_if_possible(self._log, _about("cut", token, epoch))

    def acknowledged(self, replica: str, epoch: int | None) -> None:
        """The replica told the store that it has obeyed an epoch."""
        if self._log is not None:
            self._append_if_possible(self._log, Entry("acknowledged", epoch=epoch, detail={"replica": replica}))

    def _append_if_possible(self, log: DecisionRecorder, entry: Entry) -> None:
        try:
            log.append(entry)
        except Exception:  # noqa: BLE001  # a recorder that fails in a way of its own must not keep others from being cut
            return


def _permit(token: Token, epoch: int | None) -> Entry:
    return decision_entry(
        token.decision, identity=token.identity, call_id=token.call_id, epoch=epoch, losses=token.losses
    )


def _about(kind: Literal["sent", "cut"], token: Token, epoch: int | None) -> Entry:
    return Entry(
        kind,
        mission=token.decision.mission,
        endpoint=token.identity.endpoint,
        identity=token.identity,
        epoch=epoch,
        call_id=token.call_id,
    )
