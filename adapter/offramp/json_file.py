"""Read a JSON file that holds an object, or say in one sentence what is wrong with it."""

from pathlib import Path
from typing import cast

from pydantic_core import from_json

from offramp.errors import ConfigurationError
from offramp.types import JsonObject


def read_json_object(path: Path) -> JsonObject:
    """The file's content.

    Raises:
        ConfigurationError: the file is not there, cannot be read, or holds no JSON object.
    """
    where = str(path)
    try:
        content: object = from_json(path.read_bytes())
    except FileNotFoundError as error:
        raise ConfigurationError("there is no such file", where=where, mend="check the path") from error
    except OSError as error:
        raise ConfigurationError("the file cannot be read", where=where, mend="make it readable") from error
    except ValueError as error:
        raise ConfigurationError(f"this is not JSON: {error}", where=where, mend="correct the file") from None
    if not isinstance(content, dict):
        raise ConfigurationError("this is no JSON object", where=where, mend="write { … }")
    return cast("JsonObject", content)
