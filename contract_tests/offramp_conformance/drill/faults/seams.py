"""The one way in which a fault gets into a process."""

from typing import Any


def replace_in(owner: object, name: str, fault: object) -> None:
    """Put a fault in the place of a function or method, for the rest of this process."""
    if not hasattr(owner, name):
        raise AttributeError(f"{owner!r} has no {name!r} any more: the fault must follow the code")
    setattr(owner, name, fault)


def inside(owner: object, name: str) -> Any:
    """What stands there now, private or not."""
    return getattr(owner, name)
