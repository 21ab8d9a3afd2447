"""The one count of tokens in a trial: of what is asked, of what is answered, and by the counter."""

import json
from typing import Final

from offramp.types import FunctionTool, GenerateRequest, Media, Part, SchemaOutput, ToolCall, ToolResult, VendorTool
from offramp_conformance.liars.mind.turn import texts_of
from offramp_providers.emulator.words import tokens_in

_A_MESSAGE: Final = 3
_AN_IMAGE: Final = 258


def tokens_of(request: GenerateRequest) -> int:
    """Of a whole request."""
    said = sum(_A_MESSAGE + sum(_part(part) for part in each.parts) for each in request.messages)
    tools = sum(_tool(each) for each in request.tools)
    schema = _json(request.output.schema) if isinstance(request.output, SchemaOutput) else 0
    return said + tools + schema + _A_MESSAGE


def _part(part: Part) -> int:
    texts = sum(tokens_in(text) for text in texts_of(part))
    match part:
        case Media(kind="image"):
            return _AN_IMAGE
        case ToolCall():
            return tokens_in(part.name) + tokens_in(part.arguments_json or "")
        case ToolResult():
            return _A_MESSAGE + sum(_part(each) for each in part.parts)
        case _:
            return texts


def _tool(tool: FunctionTool | VendorTool) -> int:
    match tool:
        case FunctionTool():
            return _A_MESSAGE + tokens_in(tool.name + (tool.description or "")) + _json(tool.schema)
        case VendorTool():
            return _json(tool.raw)


def _json(held: object) -> int:
    return tokens_in(json.dumps(held, ensure_ascii=False)) if held else 0
