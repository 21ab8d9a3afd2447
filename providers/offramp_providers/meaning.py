"""What a failure of an HTTP library means, in our words."""

from dataclasses import KW_ONLY

from offramp.errors import ProviderErrorKind
from offramp.types import value


@value
class Meaning:
    """A failure in our words."""

    kind: ProviderErrorKind
    what: str
    _: KW_ONLY
    mend: str | None = None
    status: int | None = None
    """What the proxy answered; None where nothing did, or it was the vendor."""
    by_proxy: bool = False
    """Whether the failure is the proxy's own."""


def caused_by(error: BaseException, *kinds: type[BaseException]) -> BaseException | None:
    """The first of these kinds among the error and its causes; None where there is none."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, kinds):
        cause = cause.__cause__ or cause.__context__
    return cause
