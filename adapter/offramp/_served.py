"""Who has answered, against who was asked."""

from offramp.catalog import served_model_matches
from offramp.contracts.endpoint import Endpoint
from offramp.errors import ServedModelMismatch
from offramp.types import AnyResponse, changed


def check_served(endpoint: Endpoint, response: AnyResponse) -> AnyResponse:
    """Compare the served model with the asked one. Where the vendor does not say, the response warns.

    Raises:
        ServedModelMismatch: another model has answered; the answer is in the error.
    """
    asked, name = endpoint.identity.model, endpoint.identity.endpoint
    served = response.origin.model if response.origin else None
    if served == asked:
        return response
    match served_model_matches(asked, served, endpoint.facts):
        case True:
            return response
        case None:
            return changed(response, warnings=(*response.warnings, "the vendor does not say which model has served"))
        case False:
            raise ServedModelMismatch(
                f"{name} was asked for {asked} and answered as {served}",
                asked=asked,
                served=served,
                response=response,
                mend=f"if that is the same model, add it to endpoints.{name}.served_as",
            )
