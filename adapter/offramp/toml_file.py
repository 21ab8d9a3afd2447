"""Read a TOML file into a typed value, or say in one sentence which key of which line is wrong and how to mend it."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from offramp.errors import ConfigurationError
from offramp.types import JsonObject

_T = TypeVar("_T")

# pydantic has two words for it: of a model, and of a dataclass.
_UNKNOWN_KEY: Final = ("extra_forbidden", "unexpected_keyword_argument")
_MENDS: Final = {
    "extra_forbidden": "remove the key or correct its spelling",
    "unexpected_keyword_argument": "remove the key or correct its spelling",
    "missing": "add the key",
}

_WORDS: Final = {"a valid tuple": "a list", "a valid list": "a list", "tuple": "list", "a valid dictionary": "a table"}


def read_toml(path: Path) -> JsonObject:
    """The file's content as plain data.

    Raises:
        ConfigurationError: the file is not there, cannot be read, or is not TOML.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise ConfigurationError("there is no such file", where=str(path), mend="check the path") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("the file cannot be read", where=str(path), mend="make it readable UTF-8") from error
    if text.startswith("\ufeff"):
        mend = "save it as UTF-8 without one"
        raise ConfigurationError("the file begins with a byte order mark", where=str(path), mend=mend)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"this is not TOML: {error}", where=str(path), mend="correct the line") from error


def load_toml(path: Path, shape: type[_T]) -> _T:
    """The file's content as a value of this shape.

    Raises:
        ConfigurationError: as `read_toml`; or a key is unknown, missing, or of the wrong type.
    """
    content = read_toml(path)
    try:
        return TypeAdapter(shape).validate_python(content)
    except ValidationError as error:
        raise explain(error, path) from error


def explain(error: ValidationError, path: Path) -> ConfigurationError:
    """One of pydantic's complaints as a sentence that names file, line and key. It quotes no value.

    An unknown key comes first: it is often the misspelling of one that is then found missing.
    """
    complaints: list[Any] = list(error.errors(include_url=False, include_input=False))
    first = min(complaints, key=lambda one: one["type"] not in _UNKNOWN_KEY)
    key = ".".join(str(word) for word in first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    what = "unknown key" if first["type"] in _UNKNOWN_KEY else in_words_of_toml(first["msg"])
    return ConfigurationError(
        f"{key}: {what}{more}",
        where=_place(path, [str(word) for word in first["loc"]]),
        mend=_MENDS.get(first["type"], "correct the value"),
    )


def in_words_of_toml(complaint: str) -> str:
    """What pydantic says of a value, in the words of the file's writer."""
    for word, own in _WORDS.items():
        complaint = complaint.replace(word, own)
    complaint = re.sub(r" or instance of \w+$", "", complaint)
    return complaint[:1].lower() + complaint[1:]


def _place(path: Path, keys: list[str]) -> str:
    """File and line of the innermost key that stands in the text; the file alone where none is found."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return str(path)
    line = 0
    for key in keys:
        pattern = re.compile(rf"""(^|[\s.\[{{,"']){re.escape(key)}(["'\s.\]=]|$)""")
        found = next((n for n in range(line, len(lines)) if pattern.search(lines[n].split("#")[0])), None)
        line = line if found is None else found
    return f"{path}:{line + 1}"
