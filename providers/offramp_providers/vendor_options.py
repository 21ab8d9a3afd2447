"""What a user may add to a request's body beyond the canonical model, and what of a request decides who sees it."""

from offramp.contracts.dialect import Dialect, EncodedRequest
from offramp.contracts.endpoint import Endpoint
from offramp.errors import CapabilityError, ConfigurationError
from offramp.types import GenerateRequest, JsonMapping, JsonObject


def merge_vendor_options(
    encoded: EncodedRequest, options: JsonMapping, *, endpoint: Endpoint, dialect: Dialect
) -> JsonObject:
    """The body with the options in it.

    The dialect's own decoder is the judge of a key, so that no second list of names can go stale: what it keeps as
    residue is free, what it calls routing must be allowed by the profile, and what it understands is ours.

    Raises:
        ConfigurationError: an option that is ours, or routes where the profile does not allow it.
    """
    for key in options:
        if key in encoded.body:
            raise _ours(key, endpoint)
    # Read without the body: beside one spelling of a setting, another spelling of it would pass as residue.
    read_back = dialect.decode_request(options, encoded.headers, endpoint.origin)
    residue = read_back.wire.fields if read_back.wire else {}
    routing = {field.name for field in read_back.routing}
    for key, content in options.items():
        if key in routing or _is_resold(endpoint):
            _require_allowed(key, endpoint)
        elif key not in residue or residue[key] != content:
            raise _ours(key, endpoint)
    return {**encoded.body, **options}


def refuse_routing(request: GenerateRequest, endpoint: Endpoint) -> None:
    """Refuse fields that decide who sees the data, unless the profile lists them.

    To a reseller an unknown field may route as well, so it must be listed too. An explicit null routes nowhere.

    Raises:
        ConfigurationError: names the field.
        CapabilityError: another vendor keeps the history that the request leaves out.
    """
    profile = endpoint.profile
    for field in request.routing:
        if field.dialect == profile.dialect:
            _require_allowed(field.name, endpoint)
        elif field.holds_history:
            raise CapabilityError(
                f"{field.name!r} stands for a history that another vendor keeps",
                where=endpoint.identity.endpoint,
                mend="send the messages themselves, or hold the conversation in a session from its first turn on",
            )
    if _is_resold(endpoint) and request.wire is not None and request.wire.dialect == profile.dialect:
        for key, content in request.wire.fields.items():
            if content is not None:
                _require_allowed(key, endpoint)


def _is_resold(endpoint: Endpoint) -> bool:
    """Whether somebody passes requests on: as the profile says, or the configuration."""
    return (endpoint.identity.reseller or endpoint.profile.reseller) is not None


def _require_allowed(key: str, endpoint: Endpoint) -> None:
    allowed, vendor = endpoint.profile.routing_fields, endpoint.profile.vendor
    if key not in allowed:
        raise ConfigurationError(
            f"the field {key!r} may decide who sees the data, and the profile of {vendor} does not list it",
            where=endpoint.identity.endpoint,
            mend=f"leave it out; allowed here: {', '.join(allowed) or 'none'}",
        )


def _ours(key: str, endpoint: Endpoint) -> ConfigurationError:
    return ConfigurationError(
        f"the vendor option {key!r} is written by Offramp itself",
        where=endpoint.identity.endpoint,
        mend="use the request's own setting for it",
    )
