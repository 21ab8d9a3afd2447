"""The stored form of orders: plain JSON objects, each linked to the one before by a hash, so that damage is found.

The chain finds accidents. It is no proof against a writer of the store, who could link it anew.
"""

import hashlib
import json
from collections.abc import Iterable
from functools import cache

from pydantic import TypeAdapter, ValidationError

from offramp.contracts.state import Order
from offramp.errors import StateError
from offramp.types import JsonMapping, JsonObject


@cache
def _adapter() -> TypeAdapter[Order]:
    return TypeAdapter(Order)


def seal(order: Order, previous: str) -> JsonObject:
    """The record of an order. `previous` is the hash before it, or the store's id."""
    plain: JsonObject = _adapter().dump_python(order, mode="json")
    return {"order": plain, "hash": _link(plain, previous)}


def _link(plain: JsonMapping, previous: str) -> str:
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def unseal(records: Iterable[JsonMapping], *, store: str, where: str) -> tuple[Order, ...]:
    """The orders of these records.

    Raises:
        StateError: a record is damaged, missing, or out of place.
    """
    orders: list[Order] = []
    previous = store
    for number, record in enumerate(records, start=1):
        order = _checked(record, previous, where=f"{where}, order {number}")
        if order.epoch != number:
            raise StateError(f"order {number} calls itself {order.epoch}", where=where, mend=RESTORE)
        orders.append(order)
        previous = record["hash"]
    return tuple(orders)


RESTORE = "restore the file from a backup that holds every order; until then nothing is sent"


def _checked(record: JsonMapping, previous: str, *, where: str) -> Order:
    try:
        if record["hash"] != _link(record["order"], previous):
            raise StateError("the record is damaged", where=where, mend=RESTORE)
        return _adapter().validate_python(record["order"])
    except (KeyError, TypeError, ValidationError) as error:
        raise StateError("this is not an order's record", where=where, mend=RESTORE) from error
