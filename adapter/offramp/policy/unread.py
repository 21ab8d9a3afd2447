"""A contract to be filled in: of terms that nobody has read yet, which denies until somebody has."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from importlib.resources import files
from typing import Final, Literal, TypeAlias

UnreadLayer: TypeAlias = Literal["vendor", "channel"]

_KINDS: Final[dict[UnreadLayer, str]] = {"vendor": "usage-policy", "channel": "channel-terms"}
_REVIEW: Final = timedelta(days=90)
_YEAR: Final = timedelta(days=365)


def unread_terms(who: str, *, layer: UnreadLayer, applies_to: Sequence[str], file: str, on: date) -> str:
    """The contract, as commented TOML: well-formed, and it forbids everything.

    Args:
        who: whose terms they are.
        layer: `vendor` for the developer's own, `channel` for those of a cloud, host or reseller.
        applies_to: selectors of whom they bind.
        file: the name under which it will be kept.
        on: today, UTC.
    """
    text = (files("offramp.policy") / "unread.toml").read_text("utf-8")
    return text.format(
        who=who,
        file=file,
        layer=layer,
        kind=_KINDS[layer],
        name=json.dumps(f"{who} terms"),
        authority=json.dumps(who),
        applies_to=json.dumps(list(applies_to)),
        today=on,
        review_by=on + _REVIEW,
        valid_until=on + _YEAR,
    )
