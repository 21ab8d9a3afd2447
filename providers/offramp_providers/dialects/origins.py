"""Whose an answer is."""

from offramp.types import Origin


def served_origin(issuer: Origin, model: str | None, response_id: str | None = None, *, host: str = "") -> Origin:
    """The issuer, with the model that says to have answered: unknown where the answer does not name it.

    Args:
        issuer: who was asked.
        model: as the answer names it.
        response_id: as the answer names itself.
        host: who has answered in the issuer's place, if anybody.
    """
    return Origin(
        developer=issuer.developer,
        host=host or issuer.host,
        dialect=issuer.dialect,
        model=model,
        account=issuer.account,
        region=issuer.region,
        response_id=response_id,
    )
