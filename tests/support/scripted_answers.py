"""What scripted vendors answer with."""

from offramp.types import AnyResponse, Message, Origin, Outcome, OutcomeKind, Part, Response, Text


def said(
    *parts: Part | str, kind: OutcomeKind = OutcomeKind.COMPLETED, model: str = "claude-sonnet-5-5"
) -> AnyResponse:
    """An answer of endpoint a's model."""
    texts = tuple(Text(part) if isinstance(part, str) else part for part in parts)
    origin = Origin(developer="acme", host="acme", dialect="scripted", model=model)
    return Response(Message("assistant", texts, origin=origin), Outcome(kind), origin=origin)
