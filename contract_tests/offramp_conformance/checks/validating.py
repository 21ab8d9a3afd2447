"""Whether JSON fits a schema, told without quoting it."""

from typing import Any

from offramp.types import JsonObject


def why_invalid(instance: Any, schema: JsonObject) -> str | None:
    """Which keyword is broken, and how deep; None: it fits."""
    from jsonschema import Draft202012Validator

    validator: Any = Draft202012Validator(schema)
    errors: list[Any] = sorted(validator.iter_errors(instance), key=lambda error: len(error.absolute_path))
    if not errors:
        return None
    return f"`{errors[0].validator}` at depth {len(errors[0].absolute_path)}"
