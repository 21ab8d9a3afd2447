"""From a configuration to a bench: the endpoint's provider with a tap on its wire, under a mission's policy."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from offramp._assembly import assemble
from offramp.catalog import provider_for
from offramp.config import Config, endpoint_of
from offramp.contracts.clock import Clock
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.offer import Price
from offramp.contracts.provider import Provider
from offramp.errors import ConfigurationError
from offramp_conformance.suite.sending import Bench
from offramp_conformance.suite.spending import Limits, Meter, Told
from offramp_conformance.suite.wire_tap import TappedTransport
from offramp_providers.installed import transport_for


def mission_for(config: Config, endpoint: str, mission: str | None) -> str:
    """Under which mission an endpoint is asked: the one that is named, else the first whose route has it.

    Raises:
        ConfigurationError: there is no such endpoint or mission, or none has it on its route.
    """
    if endpoint not in config.endpoints:
        known = ", ".join(sorted(config.endpoints))
        raise ConfigurationError(f"there is no endpoint {endpoint!r}", mend=f"use one of {known}")
    if mission is not None and mission not in config.missions:
        known = ", ".join(sorted(config.missions))
        raise ConfigurationError(f"there is no mission {mission!r}", mend=f"use one of {known}")
    for name, table in config.missions.items():
        if mission in (None, name) and endpoint in table.route:
            return name
    raise ConfigurationError(
        f"the route of {mission} has no {endpoint!r}, so its policy does not say whether it may be asked"
        if mission
        else f"no mission has {endpoint!r} on its route, so no policy says whether it may be asked",
        where="missions",
        mend="add it to the route",
    )


@asynccontextmanager
async def opened(
    config: Config,
    endpoint: str,
    *,
    mission: str | None = None,
    limits: Limits | None = None,
    provider: Provider | None = None,
    clock: Clock | None = None,
    told: Told | None = None,
    call_timeout_s: float = 60.0,
) -> AsyncGenerator[Bench]:
    """A bench for one endpoint of a configuration. Nothing is sent.

    Args:
        config: as loaded.
        endpoint: its name there.
        mission: under whose policy it is asked. None: the first whose route has it.
        limits: what the run may spend. None: no limit.
        provider: one of your own. None: as its profile says, with a tap on the wire.
        clock: where time comes from.
        told: is told of each call.
        call_timeout_s: for one exchange.

    Raises:
        ConfigurationError, StateError: something is missing, contradictory or unreadable.
    """
    name = mission_for(config, endpoint, mission)
    async with AsyncExitStack() as stack:
        asked = provider or await _tapped(endpoint_of(config, endpoint), stack)
        parts = assemble(config, {} if asked is None else {endpoint: asked}, clock)
        stack.push_async_callback(parts.aclose)
        parts.gate.start()
        used = parts.providers[endpoint]
        yield Bench(
            provider=used,
            plan=parts.plans[name],
            exchange=parts.exchange,
            gate=parts.gate,
            log=parts.log,
            clock=parts.clock,
            meter=Meter(limits or Limits(), price=price_of(used.endpoint), told=told),
            call_timeout_s=call_timeout_s,
        )


async def _tapped(endpoint: Endpoint, stack: AsyncExitStack) -> Provider | None:
    """A provider over HTTP with a tap on its wire. None: its profile names a provider of another kind."""
    if endpoint.options.get("provider", "http") != "http":
        return None
    transport = TappedTransport(transport_for(endpoint))
    stack.push_async_callback(transport.aclose)
    return provider_for(endpoint, transport=transport)


def price_of(endpoint: Endpoint) -> Price | None:
    """What is stated of its price. None: unknown."""
    stated = endpoint.offered("price")
    price = stated[0] if stated else None
    return price if isinstance(price, Price) else None
