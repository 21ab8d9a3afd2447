"""Reads policy files: strictly, and with the file and the line in every complaint."""

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path as FilePath
from typing import Any, Final, TypeAlias, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from offramp.contracts.declaration import Declaration, Organisation, WaiverFile
from offramp.contracts.policy import PolicyContract
from offramp.errors import ConfigurationError
from offramp.policy import characters, rules
from offramp.policy.characters import Problem
from offramp.policy.documents import Loaded
from offramp.policy.lines import Path, line_of
from offramp.policy.schema import contract_shape, declaration_shape, organisation_shape, waiver_shape
from offramp.toml_file import in_words_of_toml
from offramp.types import JsonObject

_T = TypeVar("_T")
_UNKNOWN_KEY: Final = frozenset({"unexpected_keyword_argument", "extra_forbidden"})
PolicyFile: TypeAlias = Loaded[PolicyContract] | Loaded[Organisation]
AnyPolicyFile: TypeAlias = PolicyFile | Loaded[Declaration] | Loaded[WaiverFile]


def load_contract(file: Traversable) -> Loaded[PolicyContract]:
    """Read a policy contract.

    Raises:
        ConfigurationError: it cannot be read, or breaks a rule; with file, line and mend.
    """
    return contract_from(name_of(file), bytes_of(file))


def load_declaration(file: Traversable) -> Loaded[Declaration]:
    """Read a mission's declaration. Raises as `load_contract`."""
    return declaration_from(name_of(file), bytes_of(file))


def load_organisation(file: Traversable) -> Loaded[Organisation]:
    """Read what the organisation approves, adopts and waives. Raises as `load_contract`."""
    return organisation_from(name_of(file), bytes_of(file))


def load_waivers(file: Traversable) -> Loaded[WaiverFile]:
    """Read waivers that stand in a file of their own. Raises as `load_contract`."""
    return waivers_from(name_of(file), bytes_of(file))


def load_policy(file: Traversable) -> PolicyFile:
    """Read one file of the configuration's `policy` list: its `layer` says which kind. Raises as `load_contract`."""
    return policy_from(name_of(file), bytes_of(file))


def load_any(file: Traversable) -> AnyPolicyFile:
    """Read a policy file of any kind, told by its keys. Raises as `load_contract`."""
    return any_from(name_of(file), bytes_of(file))


def contract_from(where: str, raw: bytes) -> Loaded[PolicyContract]:
    """A policy contract from bytes, such as a vendor ships beside its profile. Raises as `load_contract`."""
    return _load(where, raw, contract_shape(), rules.contract)


def declaration_from(where: str, raw: bytes) -> Loaded[Declaration]:
    """A declaration from bytes. Raises as `load_contract`."""
    return _load(where, raw, declaration_shape(), rules.declaration)


def organisation_from(where: str, raw: bytes) -> Loaded[Organisation]:
    """An organisation's file from bytes. Raises as `load_contract`."""
    return _load(where, raw, organisation_shape(), rules.organisation)


def waivers_from(where: str, raw: bytes) -> Loaded[WaiverFile]:
    """A file of waivers from bytes. Raises as `load_contract`."""
    return _load(where, raw, waiver_shape(), rules.waiver_file)


def policy_from(where: str, raw: bytes) -> PolicyFile:
    """A contract or an organisation's file from bytes, told by its layer. Raises as `load_contract`."""
    text, data = _toml(where, raw)
    if "layer" not in data:
        mend = 'add layer = "organisation", or a contract\'s layer'
        raise _error(where, text, (), "the key 'layer' is missing", mend)
    return organisation_from(where, raw) if data["layer"] == "organisation" else contract_from(where, raw)


def any_from(where: str, raw: bytes) -> AnyPolicyFile:
    """A policy file of any kind from bytes, told by its keys. Raises as `load_contract`."""
    data = _toml(where, raw)[1]
    if "mission" in data:
        return declaration_from(where, raw)
    return waivers_from(where, raw) if data.keys() == {"schema", "waivers"} else policy_from(where, raw)


@cache
def shipped_floor() -> Loaded[PolicyContract]:
    """The organisation floor that Offramp ships. No configuration drops it."""
    return load_contract(files("offramp.policy") / "floor.toml")


def _load(where: str, raw: bytes, shape: TypeAdapter[_T], check: Callable[[_T], Iterable[Problem]]) -> Loaded[_T]:
    text, data = _toml(where, raw)
    _first(where, text, characters.words(data))
    _first(where, text, characters.repeats(data))
    if data.get("schema") is True:  # equals 1, and so would pass for it
        raise _error(where, text, ("schema",), "it is true, and a schema is a number", "write schema = 1")
    try:
        content = shape.validate_json(json.dumps(data, default=_json), strict=True)
    except ValidationError as error:
        path, what, mend = _problem(error.errors(include_url=False), data, shape)
        raise _error(where, text, path, what, mend) from error
    _first(where, text, check(content))
    return Loaded(content, where=where, sha256=hashlib.sha256(raw).hexdigest())


def name_of(file: Traversable) -> str:
    """What people call the file."""
    return str(file) if isinstance(file, FilePath) else file.name


def bytes_of(file: Traversable) -> bytes:
    """Its bytes. Raises ConfigurationError."""
    try:
        return file.read_bytes()
    except OSError as error:
        what = f"the policy file cannot be read ({type(error).__name__})"
        raise ConfigurationError(what, where=name_of(file), mend="check its path and its mode") from error


def _toml(where: str, raw: bytes) -> tuple[str, JsonObject]:
    try:
        text = raw.decode("utf-8")
        if hidden := characters.hidden_in(text):
            line, what = hidden
            raise ConfigurationError(what, where=f"{where}:{line}", mend="remove it, or type it in plain ASCII")
        return text, tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"this is not TOML: {error}", where=where, mend="correct the file") from error


def _json(found: object) -> str:
    """TOML's dates as ISO text. A moment is no day, so it stays recognisable as an error."""
    if isinstance(found, date) and not isinstance(found, datetime):
        return found.isoformat()
    return f"{found} (write a plain day such as 2026-11-23, UTC)"


def _first(where: str, text: str, problems: Iterable[Problem]) -> None:
    for path, what, mend in problems:
        raise _error(where, text, path, what, mend)


def _error(where: str, text: str, path: Path, what: str, mend: str) -> ConfigurationError:
    line = line_of(text, path)
    key = ".".join(str(step) for step in path)
    place = f"{where}:{line}" if line else where
    return ConfigurationError(f"{key}: {what}" if key else what, where=place, mend=mend)


def _problem(errors: list[ErrorDetails], data: JsonObject, shape: TypeAdapter[Any]) -> Problem:
    """The first complaint, in our words. A misspelt key comes before the key that is missing because of it."""
    error = next((one for one in errors if one["type"] in _UNKNOWN_KEY), errors[0])
    path = _within(data, error["loc"])
    last = path[-1] if path else ""
    match error["type"]:
        case kind if kind in _UNKNOWN_KEY:
            near = get_close_matches(str(last), _keys(shape), n=1)
            return path, f"the key {str(last)!r} is not known", f"write {near[0]!r}" if near else "remove it"
        case "missing" | "missing_argument" | "missing_keyword_only_argument":
            name = str(error["loc"][-1])
            return path, f"the key {name!r} is missing", f"add {name} = …"
        case "literal_error" | "enum":
            return path, f"{str(error['input'])[:60]!r} is not known here", _nearest(error)
        case _:
            return path, in_words_of_toml(error["msg"]), "correct the value"


def _nearest(error: ErrorDetails) -> str:
    """The word that was probably meant; where none is near, the list, if it can be taken in at a glance."""
    expected = str(error.get("ctx", {}).get("expected", ""))
    known = re.findall(r"'([^']*)'", expected) or [expected]
    near = get_close_matches(str(error["input"]), known, n=1)
    if near:
        return f"write {near[0]!r}"
    return f"use one of {', '.join(known)}" if 0 < len(known) <= 12 else "use a word of the vocabulary"


def _within(data: Any, location: tuple[int | str, ...]) -> Path:
    """The part of pydantic's location that exists in the file: it also names branches of unions."""
    path: list[str | int] = []
    for step in location:
        try:
            data = data[step]
        except (LookupError, TypeError):
            continue
        path.append(step)
    return tuple(path)


def _keys(shape: TypeAdapter[Any]) -> list[str]:
    """Every key that this kind of file may hold anywhere."""
    return sorted(set(_properties(shape.json_schema())))


def _properties(schema: object) -> Iterator[str]:
    if isinstance(schema, Mapping):
        tree = cast("Mapping[str, Any]", schema)
        yield from tree.get("properties", {})
        for inner in tree.values():
            yield from _properties(inner)
