"""What has become of a request for approval."""

from offramp.contracts.oversight import ApprovalBook
from offramp.errors import ConfigurationError, PolicyDenied
from offramp.oversight.refusals import approval_needed


def approval_of(book: ApprovalBook, request: str) -> str:
    """The token that was granted for a request.

    Raises:
        ApprovalNeeded: nobody has answered it yet, or in time.
        PolicyDenied: it was denied.
        ConfigurationError: there is no such request.
    """
    found = book.request(request)
    if found is None:
        raise ConfigurationError("there is no such request", where="approval", mend="give ApprovalNeeded.request")
    if found.token is not None:
        return found.token
    if found.state == "denied":
        raise PolicyDenied(f"{found.by} has denied the request {found.id}, which is final")
    raise approval_needed(found)
