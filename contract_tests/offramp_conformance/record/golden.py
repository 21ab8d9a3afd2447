"""The golden set of what was asked: each answered exchange as a case, redacted, with a grader that fits it."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from offramp.json_form import to_python
from offramp.types import (
    AnyResponse,
    GenerateRequest,
    JsonObject,
    Media,
    OutcomeKind,
    SchemaOutput,
    ToolCall,
    ToolResult,
)
from offramp_conformance.record.notes import Noted
from offramp_conformance.record.redaction import Redactor

_FORMAT: Final = "offramp-golden-set/1"
_RUBRIC: Final = "It answers what was asked, as completely and as correctly as the other, and in the same form."


def golden_lines(notes: Iterable[Noted], name: str, redactor: Redactor) -> list[str]:
    """The file as JSON lines: the head, then each case once. What has media is left out: it cannot be redacted."""
    cases = {case["id"]: case for case in _cases(notes, redactor)}
    return [json.dumps(each, ensure_ascii=False) for each in ({"schema": _FORMAT, "name": name}, *cases.values())]


def _cases(notes: Iterable[Noted], redactor: Redactor) -> Iterator[JsonObject]:
    for noted in notes:
        if noted.response is None or noted.response.outcome.kind in (OutcomeKind.ERROR, OutcomeKind.UNKNOWN):
            continue
        if _has_media(noted.request):
            continue
        asked = replace(noted.request, model=None, stream=None, wire=None, metadata=None, end_user=None, routing=())
        request = redactor.tree(to_python(asked))
        yield {
            "id": _digest(request),
            "cluster": _digest(redactor.tree(to_python(asked.messages[0]))) if asked.messages else None,
            "request": request,
            "graders": [_grader(noted.request, noted.response, redactor)],
        }


def _grader(request: GenerateRequest, response: AnyResponse, redactor: Redactor) -> JsonObject:
    """What fits the exchange: the calls it led to, the schema that was asked for, else a judge."""
    calls = [part for part in response.message.parts if isinstance(part, ToolCall)]
    if calls:
        return {"kind": "tool_calls", "calls": [_call(each, redactor) for each in calls]}
    if isinstance(request.output, SchemaOutput):
        return {"kind": "schema", "schema": request.output.schema}
    return {"kind": "judge", "rubric": _RUBRIC}


def _call(call: ToolCall, redactor: Redactor) -> JsonObject:
    try:
        arguments = json.loads(redactor.text(call.arguments_json or "{}"))
    except ValueError:
        arguments = None
    return {"name": call.name, **({"arguments": arguments} if isinstance(arguments, dict) else {})}


def _has_media(request: GenerateRequest) -> bool:
    parts = [part for message in request.messages for part in message.parts]
    within = [part for each in parts if isinstance(each, ToolResult) for part in each.parts]
    return any(isinstance(part, Media) for part in (*parts, *within))


def _digest(content: object) -> str:
    written = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode("utf-8", "replace")).hexdigest()[:16]
