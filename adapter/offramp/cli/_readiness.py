"""What stands between each mission and an answer, endpoint by endpoint, and which missions go dark.

It walks a route as a call does. Some obstacles pass the call on to the next endpoint, others end it there: a policy
denial and a missing key are never answered by asking somebody else.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from offramp._assembly import ledger_of, providers_of
from offramp._policy_files import compiled_policy, moves_of, read_policy
from offramp.catalog import load_profile
from offramp.cli._oversight import notes_on, what_lacks
from offramp.cli._standings import Darkness, MissionStanding, Obstacle, Readiness, Standing, Step, carriers_of
from offramp.config import Config, demand_of, endpoint_of
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.policy import Decision, Reason
from offramp.contracts.state import Snapshot
from offramp.errors import ConfigurationError, StateError
from offramp.negotiation import Negotiation, negotiate
from offramp.policy import CompiledPolicy, gravest, policy_warnings
from offramp.policy.moves import Move
from offramp.sessions import examine_ledger
from offramp.state import ReplicaStanding, open_store
from offramp.state import standings as replica_standings
from offramp.state.place import Place
from offramp.types import Identity, Selector

Connect: TypeAlias = Callable[[Mapping[str, str]], dict[str, str | None]]
"""Connects to addresses by endpoint, and says by endpoint what went wrong; None where nothing did."""


def readiness(config: Config, *, without: Sequence[Selector], connect: Connect | None, now: datetime) -> Readiness:
    """Look at everything.

    Args:
        config: as loaded.
        without: take whatever these select as stopped.
        connect: tries the hosts; None leaves the network alone. What is stopped is left alone in any case.
        now: the instant to decide for.

    Raises:
        ConfigurationError: an endpoint's vendor or key table or the ledger's is not sound, or a part that one needs is
            not installed.
    """
    endpoints = {name: endpoint_of(config, name) for name in config.endpoints}
    providers_of(endpoints, {})  # a client would not open without any of them
    snapshot, running, state = _snapshot(config, now)
    blocked = Obstacle("state", state) if state else _log_problem(config.at(config.audit))
    stops = {name: _stop(each.identity, snapshot, without=without, now=now) for name, each in endpoints.items()}
    free = {name: each.base_url for name, each in endpoints.items() if stops[name] is None and state is None}
    reached = connect(free) if connect else {}
    standings = {
        name: Standing(
            endpoint,
            key=_key_problem(endpoint),
            tried=name in reached,
            reach=reached.get(name),
            stop=stops[name],
            notes=tuple(_notes(endpoint, now)),
        )
        for name, endpoint in endpoints.items()
    }
    shared = read_policy(config)
    policies = [compiled_policy(config, name, endpoints, shared) for name in config.missions]
    missions = [
        _mission(config, policy, standings, now=now, blocked=blocked, moves=moves_of(config, policy.mission, shared))
        for policy in policies
    ]
    return Readiness(
        endpoints=tuple(standings.values()),
        missions=tuple(missions),
        blocked=blocked,
        ledger=_ledger_problem(config),
        replicas=running,
    )


def _mission(
    config: Config,
    policy: CompiledPolicy,
    standings: Mapping[str, Standing],
    *,
    now: datetime,
    blocked: Obstacle | None,
    moves: tuple[Move, ...],
) -> MissionStanding:
    table, steps = config.missions[policy.mission], list[Step]()
    lack = what_lacks(config, policy, now=now)
    for standing in (standings[name] for name in table.route):
        identity = standing.endpoint.identity
        decision = policy.decide(identity, now)
        fit = negotiate(demand_of(config, policy.mission), standing.endpoint)
        obstacle = _obstacle(standing, decision, fit, blocked, lack)
        steps.append(Step(standing.name, obstacle, decision, policy.allowed_until(identity, now)))
    route = [standings[name].endpoint.identity for name in table.route]
    return MissionStanding(
        policy.mission,
        steps=tuple(steps),
        goes_dark=_goes_dark(policy, route, steps, now),
        warnings=policy_warnings(policy, now),
        refused=policy.refused,
        overseen=tuple(notes_on(config, policy)),
        moves=moves,
    )


def _goes_dark(
    policy: CompiledPolicy, route: Sequence[Identity], steps: Sequence[Step], now: datetime
) -> Darkness | None:
    """The first day on which policy leaves no carrier, all else being as it is now."""
    if not carriers_of(steps):
        return None
    for at in sorted({step.until for step in steps if step.until is not None and step.until > now}):
        decisions = [policy.decide(identity, at) for identity in route]
        later = [_as_decided(step, decision) for step, decision in zip(steps, decisions, strict=True)]
        if not carriers_of(later):
            denied = next(one for one in decisions if not one.allowed)
            return Darkness(at, denied.endpoint, gravest(denied.reasons))
    return None


def _as_decided(step: Step, decision: Decision) -> Step:
    """The step on the day of the decision. What is in the way besides policy stays."""
    if decision.allowed or (step.obstacle is not None and step.obstacle.kind != "policy"):
        return step
    return replace(step, obstacle=Obstacle("policy", str(gravest(decision.reasons))))


def _obstacle(
    standing: Standing, decision: Decision, fit: Negotiation, blocked: Obstacle | None, lack: Reason | None
) -> Obstacle | None:
    """The first one that a call would meet."""
    if blocked is not None:
        return blocked
    if standing.stop is not None:
        return Obstacle("without" if standing.stop.startswith("--without") else "order", standing.stop)
    if not decision.allowed:
        ground = gravest(decision.reasons)
        return Obstacle("policy", str(ground), ground.mend)
    if not fit.fits:
        return Obstacle("capability", "; ".join(f"{each.requirement}: {each.why}" for each in fit.unmet))
    if standing.key is not None:
        return Obstacle("key", standing.key)
    if lack is not None:
        return Obstacle("oversight", lack.text, lack.mend)
    return None if standing.reach is None else Obstacle("reach", standing.reach)


def _snapshot(config: Config, now: datetime) -> tuple[Snapshot | None, tuple[ReplicaStanding, ...], str | None]:
    """What the state says, None where it has yet to be made; who runs on it; and what is wrong with it."""
    operators = config.at(config.operators) if config.operators else None
    scheme, _, name = config.state.partition(":")
    try:
        if scheme in ("sqlite", "file") and name and Place(config.at(Path(name))).must_be_made(create=True):
            return None, (), None
        with closing(open_store(config.state, base=config.folder, operators=operators, create=False)) as store:
            snapshot = store.read()
            return snapshot, replica_standings(store, epoch=snapshot.epoch, now=now), None
    except StateError as error:
        return None, (), str(error)


def _log_problem(folder: Path) -> Obstacle | None:
    """Why the decision log could not be written, as far as can be told without writing."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return None
    return Obstacle("log", f"{there}: the decision log cannot be written here; make the folder writable")


def _ledger_problem(config: Config) -> str | None:
    """Why no conversation could be kept. Nothing is made or changed for it."""
    try:
        examine_ledger(ledger_of(config))
    except StateError as error:
        return str(error)
    return None


def _stop(identity: Identity, snapshot: Snapshot | None, *, without: Sequence[Selector], now: datetime) -> str | None:
    for selector in without:
        if selector.matches(identity):
            return f"--without {selector}"
    order = snapshot.stop_for(identity, at=now) if snapshot else None
    return f"{order.selector} is prohibited: {order.reason}" if order else None


def _key_problem(endpoint: Endpoint) -> str | None:
    try:
        endpoint.key()
    except ConfigurationError as error:
        return error.what
    return None


def _notes(endpoint: Endpoint, now: datetime) -> list[str]:
    facts, today = endpoint.facts, now.astimezone(UTC).date()
    if facts is None or endpoint.identity.model not in load_profile(endpoint.profile.vendor).models:
        return ["the profile does not list this model"]
    notes: list[str] = []
    if facts.retires is not None:
        word = "was retired" if facts.retires <= today else "retires"
        notes.append(f"the model {word} on {facts.retires}")
    if facts.successor and (facts.retires or facts.deprecated):
        notes.append(f"its successor is {facts.successor}")
    return notes
