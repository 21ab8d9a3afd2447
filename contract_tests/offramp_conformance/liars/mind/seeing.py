"""The skill of saying what is in an image: its colour."""

import re
from typing import Final

from offramp_conformance.liars.mind.pictures import colour_of
from offramp_conformance.liars.mind.turn import Turn

_ASKED: Final = re.compile(r"colou?r", re.I)


def seen(turn: Turn, wish: str) -> str | None:
    """The colours of all images, in order. None: it was not asked, or there is none."""
    if not turn.images or not _ASKED.search(wish):
        return None
    return ", ".join(colour_of(each) or "unclear" for each in turn.images)
