"""The form of an answer, asked for in another way where an endpoint cannot hold itself to one.

By a forced tool: the schema is the tool's, and its arguments are the answer. By prompt: the schema is told in the
system prompt, where nothing enforces it. Either is a named loss, and the answer is held to the original schema.
"""

import json
from dataclasses import KW_ONLY, replace
from typing import Final

from offramp.contracts.capability import Emulation, Requirement
from offramp.contracts.endpoint import Endpoint
from offramp.errors import CapabilityError
from offramp.negotiation.decide import Negotiation
from offramp.types import (
    FunctionTool,
    GenerateRequest,
    JsonObject,
    JsonOutput,
    Loss,
    LossAction,
    Message,
    Output,
    SchemaOutput,
    Severity,
    Text,
    ToolChoiceNamed,
    value,
)

TOOL_NAME: Final = "answer"
"""Of the forced tool. It is used only where the request has no tools of its own."""

_WHOLE: Final = "Answer with one JSON {what} and nothing else: no other words, no code fence."
_FIT: Final = "It must fit this JSON Schema:"


@value
class Emulated:
    """A request whose form of answer is asked for in another way."""

    request: GenerateRequest
    _: KW_ONLY
    by: Emulation
    losses: tuple[Loss, ...]


def emulate(request: GenerateRequest, negotiation: Negotiation, endpoint: Endpoint) -> Emulated | None:
    """Ask for the form of the answer in another way. None: the endpoint does it itself, or no form is asked for.

    Raises:
        CapabilityError: none of the ways that the mission allows can say what is asked for. Nothing has been sent.
    """
    output = request.output
    requirement = _REQUIREMENTS.get(type(output))
    ways = negotiation.emulations(requirement) if requirement else ()
    if not ways or requirement is None or not isinstance(output, SchemaOutput | JsonOutput):
        return None
    if "forced_tool" in ways and not _tool_takes(request, output):
        ways = tuple([each for each in ways if each != "forced_tool"])
    match ways:
        case ("forced_tool", *_):
            return _by_tool(request, output, requirement)
        case ("prompt", *_):
            return _by_prompt(request, output, requirement, endpoint)
        case _:
            raise CapabilityError(
                f"{negotiation.who} can be held to this form by prompt only, and the mission does not allow it",
                requirements=[requirement],
                where=negotiation.endpoint,
                mend='add "prompt" to the mission\'s `emulations`, or ask for an object without vendor tools',
            )


_REQUIREMENTS: Final[dict[type, Requirement]] = {SchemaOutput: "structured_output", JsonOutput: "json_output"}


def _tool_takes(request: GenerateRequest, output: SchemaOutput | JsonOutput) -> bool:
    """Arguments are an object, and a vendor's own tools would never be called beside a forced one."""
    return not request.tools and (isinstance(output, JsonOutput) or output.schema.get("type") == "object")


def _by_tool(request: GenerateRequest, output: SchemaOutput | JsonOutput, requirement: Requirement) -> Emulated:
    schema: JsonObject = output.schema if isinstance(output, SchemaOutput) else {"type": "object"}
    description = output.description if isinstance(output, SchemaOutput) else None
    return Emulated(
        replace(
            request,
            output=None,
            tools=(FunctionTool(TOOL_NAME, description=description, schema=schema),),
            tool_choice=ToolChoiceNamed(TOOL_NAME),
        ),
        by="forced_tool",
        losses=(
            _loss(f"{requirement}.by_tool", "output", "emulated", "the answer is asked for as a tool's arguments"),
        ),
    )


def _by_prompt(
    request: GenerateRequest, output: SchemaOutput | JsonOutput, requirement: Requirement, endpoint: Endpoint
) -> Emulated:
    messages, path = _told(request.messages, instruction(output))
    return Emulated(
        replace(request, output=_at_least_json(endpoint), messages=messages),
        by="prompt",
        losses=(
            _loss(f"{requirement}.by_prompt", "output", "emulated", "nothing but words holds the answer to its form"),
            _loss("prompt.injected", path, "injected", "the form of the answer is told in the system prompt"),
        ),
    )


def _at_least_json(endpoint: Endpoint) -> Output | None:
    claim = endpoint.capability("json_output")
    return JsonOutput() if claim is not None and claim.support == "native" else None


def instruction(output: SchemaOutput | JsonOutput) -> str:
    """What the model is told."""
    if isinstance(output, JsonOutput):
        return _WHOLE.format(what="object")
    told = [_WHOLE.format(what="value"), output.description, _FIT, json.dumps(output.schema, ensure_ascii=False)]
    return "\n".join([each for each in told if each])


def _told(messages: tuple[Message, ...], text: str) -> tuple[tuple[Message, ...], str]:
    """The messages with a text at the end of the system prompt, and the path of the text."""
    if messages and messages[0].role == "system":
        first = messages[0]
        told = replace(first, parts=(*first.parts, Text(text)))
        return (told, *messages[1:]), f"messages[0].parts[{len(first.parts)}]"
    return (Message("system", (Text(text),)), *messages), "messages[0]"


def _loss(code: str, path: str, action: LossAction, why: str) -> Loss:
    return Loss(code=code, path=path, action=action, severity=Severity.BEHAVIOURAL, why=why)
