"""The seam to a provider: one endpoint, ready to be asked, over a dialect and a transport."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import KW_ONLY
from typing import Any, Protocol

from offramp.contracts.endpoint import Endpoint
from offramp.contracts.operations import AnyOperation, AskedT, Operation, OperationName, ToldT
from offramp.contracts.permission import SendToken
from offramp.contracts.transport import Deadlines, HttpRequest
from offramp.errors import Unsupported
from offramp.types import AnyResponse, Batch, GenerateRequest, JsonMapping, Loss, value


@value
class PreparedCall:
    """A call encoded for one endpoint. Nothing has been sent."""

    _: KW_ONLY
    endpoint: Endpoint
    http: HttpRequest
    losses: tuple[Loss, ...]
    stream: bool
    deadlines: Deadlines | None = None
    """Those of this very call; None: the endpoint's."""
    operation: OperationName | None = None
    """None: an answer is asked for."""


def unsupported(operation: AnyOperation, endpoint: Endpoint, why: str) -> Unsupported:
    """The error of an endpoint that has no such call."""
    return Unsupported(
        f"{endpoint.profile.title} cannot {operation.title}: {why}",
        requirements=(operation.name,),
        where=endpoint.identity.endpoint,
        mend="ask an endpoint that can; `offramp vendors show` says which",
    )


class Provider(Protocol):
    """One endpoint, ready to be asked."""

    @property
    def endpoint(self) -> Endpoint:
        """Whom it asks."""
        ...

    def prepare(self, request: GenerateRequest, vendor_options: JsonMapping | None = None) -> PreparedCall:
        """Encode, collecting losses. Nothing is sent.

        Args:
            request: what is asked; a `model` of None is replaced by the endpoint's.
            vendor_options: further keys of the body, in this endpoint's dialect. A collision is refused.

        Raises:
            ConfigurationError: an option collides, a key is missing, a routing field is not allowed here.
        """
        ...

    async def send(self, call: PreparedCall, *, token: SendToken) -> AnyResponse:
        """Ask and decode. Losses of the call stand in the response, which is new: nobody else holds it.

        Raises:
            ProviderError, Prohibited.
        """
        ...

    def stream(
        self, call: PreparedCall, *, token: SendToken
    ) -> AbstractAsyncContextManager[AsyncIterator[Sequence[Batch]]]:
        """Ask and decode as it arrives: the batches of one network read at a time.

        Entering raises as `send` does. A failure in mid-stream is the last batch's `ResponseFailed`; where an order
        cut it, the iterator raises Prohibited.
        """
        ...

    def prepare_operation(self, operation: Operation[AskedT, Any], asked: AskedT) -> PreparedCall:
        """Encode a question besides an answer. Nothing is sent. A provider without such calls leaves it at this.

        Raises:
            Unsupported: there is no such call here.
        """
        del asked
        raise unsupported(operation, self.endpoint, "its provider has no such call")

    async def perform(self, operation: Operation[Any, ToldT], call: PreparedCall, *, token: SendToken) -> ToldT:
        """Ask it and decode.

        Raises:
            ProviderError, Prohibited.
        """
        del call
        token.release()
        raise unsupported(operation, self.endpoint, "its provider has no such call")

    async def aclose(self) -> None:
        """Close what it opened."""
        ...
