"""Opaque state and residue go back to their issuer, and nowhere else."""

from dataclasses import fields, replace

import pytest

from offramp.types import Opaque, OpaqueScope, Origin, Wire, replays, same_host, within_scope

ISSUER = Origin(developer="acme", host="acme", dialect="d", model="m-1", account="ours")
SCOPES: list[OpaqueScope] = ["host", "account", "model"]


@pytest.mark.parametrize("scope", SCOPES)
def test_opaque_state_goes_back_to_its_issuer(scope: OpaqueScope):
    assert within_scope(Opaque("signature", "s", scope=scope), ISSUER, ISSUER)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("part", ["developer", "host", "dialect"])
def test_opaque_state_never_goes_to_another_issuer(scope: OpaqueScope, part: str):
    other = replace(ISSUER, **{part: "other"})

    assert not within_scope(Opaque("signature", "s", scope=scope), ISSUER, other)


@pytest.mark.parametrize("scope", SCOPES)
def test_opaque_state_of_unknown_origin_goes_nowhere(scope: OpaqueScope):
    assert not within_scope(Opaque("signature", "s", scope=scope), None, ISSUER)


@pytest.mark.parametrize(("scope", "part"), [("account", "account"), ("model", "model")])
def test_a_narrow_scope_holds_within_one_host(scope: OpaqueScope, part: str):
    opaque = Opaque("signature", "s", scope=scope)

    assert not within_scope(opaque, ISSUER, replace(ISSUER, **{part: "other"}))
    assert within_scope(Opaque("signature", "s"), ISSUER, replace(ISSUER, **{part: "other"}))


@pytest.mark.parametrize(("scope", "part"), [("account", "account"), ("model", "model")])
def test_what_is_unknown_on_both_sides_is_not_the_same(scope: OpaqueScope, part: str):
    unknown = replace(ISSUER, **{part: None})

    assert not within_scope(Opaque("signature", "s", scope=scope), unknown, unknown)


def test_the_host_is_the_same_whatever_else_differs():
    free = {"model", "account", "region", "response_id"}
    other = replace(ISSUER, **dict.fromkeys(free, "other"))

    assert same_host(ISSUER, other)
    assert {one.name for one in fields(Origin)} - free == {"developer", "host", "dialect"}


def test_residue_is_replayed_to_its_own_host_and_by_its_own_author():
    wire = Wire(dialect="d", fields={"x": 1})

    assert replays(wire, ISSUER, replace(ISSUER, model="m-2"))
    assert replays(wire, None, ISSUER)


def test_residue_is_not_replayed_elsewhere():
    wire = Wire(dialect="d", fields={"x": 1})

    assert not replays(wire, ISSUER, replace(ISSUER, host="cloud"))
    assert not replays(wire, None, replace(ISSUER, dialect="e"))
    assert not replays(None, ISSUER, ISSUER)
