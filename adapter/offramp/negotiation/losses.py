"""What a call would lose at an endpoint: settings that it rejects are taken out by name, and `max_loss` decides."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from offramp.contracts.capability import Finding
from offramp.contracts.evidence import Evidence
from offramp.errors import ConfigurationError, LossExceeded
from offramp.negotiation.claims import cited
from offramp.negotiation.decide import Negotiation
from offramp.negotiation.requirements import given_settings
from offramp.types import GenerateRequest, Loss, Severity


def without_rejected(request: GenerateRequest, negotiation: Negotiation) -> tuple[GenerateRequest, tuple[Loss, ...]]:
    """The request without the settings that the endpoint is known to reject, and a loss for each.

    Only soft needs of single settings are taken out; so a profile's claim is enough, and no encoder has to know it. A
    longer answer than the model can write is asked for at its bound. Where nothing is known, nothing is changed.
    """
    losses: list[Loss] = []
    changes: dict[str, Any] = {}
    for finding in negotiation.findings:
        if finding.fit != "unsatisfiable" or finding.requirement in negotiation.hard:
            continue
        for name in given_settings(request, finding.requirement):
            changes[name] = None
            losses.append(_dropped(name, finding))
    asked, bound = request.max_output_tokens, negotiation.sizes.max_output_tokens
    if asked is not None and bound is not None and asked > bound[0]:
        changes["max_output_tokens"] = bound[0]
        losses.append(_clamped(asked, bound))
    return (replace(request, **changes) if changes else request), tuple(losses)


def _clamped(asked: int, bound: tuple[int, Evidence]) -> Loss:
    return Loss(
        code="setting.clamped",
        path="max_output_tokens",
        action="clamped",
        severity=Severity.BEHAVIOURAL,
        why=cited(f"{asked} were asked for, and the model writes {bound[0]} at most", bound[1]),
    )


def _dropped(name: str, finding: Finding) -> Loss:
    return Loss(
        code="setting.unsupported",
        path=name,
        action="dropped",
        severity=Severity.BEHAVIOURAL,
        why=f"the endpoint does not take it: {finding.why}",
    )


def limit_losses(losses: Sequence[Loss], max_loss: Severity, where: str) -> None:
    """Refuse a call that would lose more than is allowed. Nothing has been sent.

    Args:
        losses: all that the call would lose.
        max_loss: the worst that may pass.
        where: mission and endpoint, for the message.

    Raises:
        LossExceeded: names code and path of each loss that is too severe.
    """
    over = [loss for loss in losses if loss.severity > max_loss]
    if not over:
        return
    worst = max(loss.severity for loss in over)
    named = ", ".join(f"{loss.code} at {loss.path} ({loss.severity.word})" for loss in over)
    raise LossExceeded(
        f"more would be lost than max_loss = {max_loss.word!r} allows: {named}",
        losses=over,
        where=where,
        mend=f'set max_loss = "{worst.word}", ask without it, or choose an endpoint that can say it',
    )


def severity_of(word: str) -> Severity:
    """The severity that configuration names.

    Raises:
        ConfigurationError: there is no such severity.
    """
    for severity in Severity:
        if severity.word == word:
            return severity
    raise ConfigurationError(
        f"{word!r} is not a severity", mend=f"write one of {', '.join(severity.word for severity in Severity)}"
    )
