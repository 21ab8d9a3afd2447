"""What comes back, held to the form that was asked for: a class, a JSON Schema, or some JSON.

Whatever the vendor enforces, and however the form was emulated, the answer is validated here against the original.
"""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import from_json

from offramp._input import Call, OutputT, adapter_of, name_of
from offramp.errors import OutputInvalid
from offramp.json_schema import first_fault, unchecked
from offramp.types import AnyResponse, JsonObject, JsonOutput, OutcomeKind, Response, SchemaOutput, changed

_ANSWERS_WITHOUT_OUTPUT: Final = (OutcomeKind.REFUSAL, OutcomeKind.CONTENT_FILTER, OutcomeKind.TOOL_CALLS)


def with_output(response: AnyResponse, call: Call[OutputT]) -> Response[OutputT]:
    """The response, its text read as the type that was asked for. A refusal is an answer: its output stays None.

    Raises:
        OutputInvalid: the text is no JSON, or does not fit; the response is in the error.
    """
    if response.outcome.kind in _ANSWERS_WITHOUT_OUTPUT:
        return response
    if call.output is not None:
        return changed(response, output=_validated(response, call.output))
    match call.request.output:
        case SchemaOutput() as asked:
            return _fitting(response, asked.schema)
        case JsonOutput():
            _read(response)
        case _:
            pass
    return response


def _validated(response: AnyResponse, wanted: type[OutputT]) -> OutputT:
    try:
        return adapter_of(wanted).validate_json(response.text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise _invalid(response, name_of(wanted), _place(first["loc"]), first["type"]) from None


def _place(steps: Sequence[Any]) -> str:
    return ".".join(str(step) for step in steps)


def _fitting(response: AnyResponse, schema: JsonObject) -> AnyResponse:
    fault = first_fault(schema, _read(response))
    if fault is not None:
        raise _invalid(response, "the schema that was asked for", fault.path, fault.keyword)
    left = unchecked(schema)
    if not left:
        return response
    warning = f"the answer was not held to {', '.join(left)} of its schema"
    return changed(response, warnings=(*response.warnings, warning))


def _read(response: AnyResponse) -> object:
    try:
        return from_json(response.text)
    except ValueError:
        raise _invalid(response, "what was asked for", "", "json_invalid") from None


def _invalid(response: AnyResponse, asked: str, place: str, fault: str) -> OutputInvalid:
    return OutputInvalid(
        f"the answer does not fit {asked} ({place or 'the answer'}: {fault}; outcome {response.outcome.kind})",
        response=response,
        mend="look at error.response; raise max_output_tokens if the outcome is max_output",
    )
