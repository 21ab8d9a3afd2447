"""Only a trusted operator's signature lifts an order, and only the orders that the operator knew."""

import os
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from offramp.contracts.state import Order, OrderDraft, PermissionStore
from offramp.ed25519 import make_key_pair
from offramp.errors import ConfigurationError, MissingExtraError, StateError
from offramp.state import allow
from offramp.state.signing import sign_allow
from offramp.types import Selector
from support.permission import stop

Opened = Callable[[], PermissionStore]
SELECTOR = Selector("developer", "acme")


def lift(store: PermissionStore, operators: Path, key: Path | None = None) -> Order:
    key = key or operators.with_name("ann.key")
    return allow(store, SELECTOR, reason="withdrawn", by="ann", key=key, operators=operators)


def draft_of(order: Order) -> OrderDraft:
    names = ("selector", "state", "reason", "by", "rights", "notice_until", "signature")
    return OrderDraft(**{name: getattr(order, name) for name in names})


def test_a_signed_allow_lifts_the_orders_for_its_selector(opened: Opened, operators: Path):
    store = opened()
    stop(store)
    other = stop(store, "host:cloud")

    lift(store, operators)

    assert store.read().stops == (other,)
    assert store.read().epoch == 3


def test_an_unsigned_allow_lifts_nothing_and_is_reported(opened: Opened, operators: Path):
    store = opened()
    given = stop(store)

    store.commit(OrderDraft(selector=SELECTOR, state="allowed", reason="x", by="eve"))

    assert store.read().stops == (given,)
    assert store.read().ignored[0].why == "it is not signed"


@pytest.mark.parametrize(
    "forge",
    [
        lambda draft: replace(draft, reason="another reason"),
        lambda draft: replace(draft, selector=Selector("host", "cloud")),
        lambda draft: replace(draft, signature=replace(draft.signature, signature="A" * 86 + "==")),
        lambda draft: replace(draft, signature=replace(draft.signature, signature="not base64")),
        lambda draft: replace(draft, signature=replace(draft.signature, operator="eve")),
        lambda draft: replace(draft, signature=replace(draft.signature, answers_epoch=2)),
        lambda draft: replace(draft, signature=replace(draft.signature, answers_epoch=999)),
        lambda draft: replace(draft, signature=replace(draft.signature, signed_at=datetime(2027, 1, 1, tzinfo=UTC))),
    ],
)
def test_a_changed_allow_lifts_nothing(opened: Opened, operators: Path, forge: Callable[[OrderDraft], OrderDraft]):
    store = opened()
    stop(store)
    signed = draft_of(lift(store, operators))
    standing = [stop(store), stop(store, "host:cloud")]

    store.commit(forge(signed))

    assert list(store.read().stops) == standing
    assert len(store.read().ignored) == 1


def test_an_old_allow_used_again_does_not_lift_a_later_order(opened: Opened, operators: Path):
    store = opened()
    stop(store)
    signed = draft_of(lift(store, operators))
    later = stop(store)

    store.commit(signed)

    assert store.read().stops == (later,)


def test_an_allow_that_answers_orders_still_to_come_lifts_nothing(opened: Opened, operators: Path):
    """Else one careless signature would lift every order of the future."""
    store = opened()
    given = stop(store)
    signature = sign_allow(
        operators.with_name("ann.key"),
        store=store.read().store,
        operators=operators,
        selector=SELECTOR,
        answers_epoch=999,
        reason="withdrawn",
        signed_at=datetime(2026, 11, 23, tzinfo=UTC),
    )

    store.commit(OrderDraft(selector=SELECTOR, state="allowed", reason="withdrawn", by="ann", signature=signature))

    assert store.read().stops == (given,)
    assert "still to come" in store.read().ignored[0].why


def test_an_allow_for_another_store_lifts_nothing(opened: Opened, operators: Path, tmp_path: Path):
    from offramp.state import MemoryStore

    elsewhere, store = MemoryStore(operators=operators), opened()
    stop(elsewhere)
    signed = draft_of(lift(elsewhere, operators))
    given = stop(store)

    store.commit(signed)

    assert store.read().stops == (given,)


def test_a_withdrawn_operator_makes_the_order_stand_again(opened: Opened, operators: Path):
    store = opened()
    given = stop(store)
    lift(store, operators)
    assert store.read().stops == ()

    operators.write_text("[operators]\n")

    assert store.read().stops == (given,)
    assert "not a trusted operator" in store.read().ignored[0].why


def test_a_lost_operators_file_makes_the_order_stand_again(opened: Opened, operators: Path):
    store = opened()
    given = stop(store)
    lift(store, operators)

    operators.unlink()

    assert store.read().stops == (given,)


def test_a_key_that_nobody_trusts_is_refused_before_the_commit(opened: Opened, operators: Path, tmp_path: Path):
    store = opened()
    stop(store)
    make_key_pair(tmp_path / "eve.key")

    with pytest.raises(ConfigurationError, match="no trusted operator"):
        lift(store, operators, tmp_path / "eve.key")

    assert store.epoch() == 1


def test_an_expired_key_is_refused(opened: Opened, operators: Path):
    store = opened()
    stop(store)
    operators.write_text(operators.read_text().replace("2030-01-01", "2026-01-01"))

    with pytest.raises(ConfigurationError, match="valid until 2026-01-01"):
        lift(store, operators)


def test_lifting_what_nobody_has_ordered_is_refused(opened: Opened, operators: Path):
    with pytest.raises(ConfigurationError, match="no order names developer:acme"):
        lift(opened(), operators)


def test_without_the_extra_nothing_is_lifted(opened: Opened, operators: Path, monkeypatch: pytest.MonkeyPatch):
    store = opened()
    given = stop(store)
    lift(store, operators)

    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ed25519", None)

    assert opened().read().stops == (given,)
    with pytest.raises(MissingExtraError, match=r"offramp\[sign\]"):
        lift(store, operators)


def test_a_private_key_is_its_owners_alone_and_is_never_overwritten(tmp_path: Path):
    file = tmp_path / "ann.key"
    make_key_pair(file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(StateError, match="exists already"):
        make_key_pair(file)


@pytest.mark.parametrize("content", ["", "-----BEGIN PRIVATE KEY-----\n"])
def test_a_file_that_is_no_key_is_named_and_not_quoted(opened: Opened, operators: Path, content: str):
    store = opened()
    stop(store)
    key = operators.with_name("broken.key")
    key.write_text(content + os.linesep)

    with pytest.raises(ConfigurationError, match=r"broken\.key"):
        lift(store, operators, key)
