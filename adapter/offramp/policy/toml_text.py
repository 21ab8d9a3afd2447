"""Writes policy contracts and waivers as TOML that people read and the loader takes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, cast

from offramp.contracts.declaration import Waiver
from offramp.contracts.policy import Clause, ClauseException, Conditions, NotIn, PolicyContract, Source
from offramp.toml_writing import toml_value
from offramp.types import JsonObject

_WIDTH: Final = 120
_NO_NOTES: Final[Mapping[str, str]] = {}


def contract_toml(contract: PolicyContract, *, head: str = "", notes: Mapping[str, str] = _NO_NOTES) -> str:
    """A policy contract.

    Args:
        contract: it reads back as the very same.
        head: a comment for its beginning, without `#`.
        notes: a comment for each clause, by its id.
    """
    parts = ["".join(_comment(head)), "".join(_keys(_head_of(contract)))]
    parts += ["[[sources]]\n" + "".join(_keys(_plain(source))) for source in contract.sources]
    parts += ["".join(_clause(clause, notes.get(clause.id, ""))) for clause in contract.clauses]
    return "\n".join(part for part in parts if part)


def waiver_toml(waiver: Waiver) -> str:
    """One waiver, as a table of an array."""
    return "[[waivers]]\n" + "".join(_keys(_plain(waiver)))


def _head_of(contract: PolicyContract) -> JsonObject:
    held = _plain(contract, leave_out=("sources", "clauses"))
    if contract.supersedes:
        held["supersedes"] = [_plain(one) for one in contract.supersedes]
    return held


def _clause(clause: Clause, note: str) -> Iterator[str]:
    yield from _comment(note)
    yield "[[clauses]]\n"
    held = _plain(clause, leave_out=("when", "exceptions"))
    if clause.exceptions:
        held["exceptions"] = [_exception(one) for one in clause.exceptions]
    if clause.when:
        held["when"] = _conditions(clause.when)
    yield from _keys(held)


def _exception(one: ClauseException) -> JsonObject:
    return _plain(one, leave_out=("when",)) | ({"when": _conditions(one.when)} if one.when else {})


def _conditions(when: Conditions) -> JsonObject:
    return {facet: {"not_in": one.not_in} if isinstance(one, NotIn) else one for facet, one in when.items()}


def _plain(
    made: PolicyContract | Source | Clause | ClauseException | Waiver | Any, leave_out: Iterable[str] = ()
) -> JsonObject:
    """Its keys in the order in which the type has them, less what is not given."""
    held = {each.name: getattr(made, each.name) for each in fields(made) if each.name not in leave_out}
    return {key: inner for key, inner in held.items() if inner is not None and inner != ()}


def _keys(held: JsonObject) -> Iterator[str]:
    for key, inner in held.items():
        line = f"{key} = {toml_value(inner)}\n"
        if len(line) > _WIDTH and isinstance(inner, tuple | list):
            each = cast("Sequence[object]", inner)
            yield f"{key} = [\n" + "".join(f"    {toml_value(one)},\n" for one in each) + "]\n"
        else:
            yield line


def _comment(text: str) -> Iterator[str]:
    return (f"# {line}\n" for line in text.splitlines())
