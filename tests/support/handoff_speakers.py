"""Vendors that take part in one conversation: how each answers on its own wire, and what it wants back of that."""

import json
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Final, TypeAlias

from offramp.types import JsonMapping, JsonObject
from offramp_providers.emulator.signatures import Issuer

ISSUER: Final = Issuer("acme", 7)
"""Who seals all opaque state here, and knows it again."""

Call: TypeAlias = tuple[str, dict[str, Any]]
"""Id and arguments of a call of `look`. Without an id where the vendor gave none."""


@dataclass(frozen=True)
class Speaker:
    """One vendor."""

    _: KW_ONLY
    model: str
    answer: Callable[[str, list[Call], str | None], JsonObject]
    """Its answer, of a text, calls, and thinking (or a refusal, where it shows no thinking)."""
    units: Callable[[JsonObject], list[Any]]
    """What it wants back of its own answer, in order."""
    said: Callable[[JsonMapping], list[Any]]
    """The same units of all that the assistant said, in a request."""
    id_forms: tuple[str, ...]
    """Forms of the ids that it gives to calls, by number."""
    ids_once: bool = False
    """It takes no id twice, and gives none twice."""
    may_leave_ids_out: bool = False
    model_in_body: bool = True


def _anthropic(text: str, calls: list[Call], thinking: str | None) -> JsonObject:
    content: list[JsonObject] = []
    if thinking is not None:
        content.append(
            {"type": "thinking", "thinking": thinking, "signature": ISSUER.sign("thinking", thinking, b"nonce")}
        )
        content.append({"type": "redacted_thinking", "data": ISSUER.sign("redacted", "", b"other")})
    content += [{"type": "text", "text": text}] if text else []
    content += [{"type": "tool_use", "id": name, "name": "look", "input": given} for name, given in calls]
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-6", "content": content,
        "stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }  # fmt: skip


def _bedrock(text: str, calls: list[Call], thinking: str | None) -> JsonObject:
    content: list[JsonObject] = []
    if thinking is not None:
        said = {"text": thinking, "signature": ISSUER.sign("thinking", thinking, b"bedrock")}
        content.append({"reasoningContent": {"reasoningText": said}})
        content.append({"reasoningContent": {"redactedContent": ISSUER.sign("redacted", "", b"bedrock too")}})
    content += [{"text": text}] if text else []
    content += [{"toolUse": {"toolUseId": name, "name": "look", "input": given}} for name, given in calls]
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": "tool_use" if calls else "end_turn",
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
    }


def _functions(calls: list[Call]) -> JsonObject:
    """Calls as most write them, their arguments spelled with white space of their own."""
    if not calls:
        return {}
    made = [
        {"id": name, "type": "function", "function": {"name": "look", "arguments": json.dumps(given, indent=1)}}
        for name, given in calls
    ]
    return {"tool_calls": made}


def _openai_chat(text: str, calls: list[Call], refusal: str | None) -> JsonObject:
    refusal = None if calls else refusal
    message = {"role": "assistant", "content": (text or None) if refusal is None else None, "refusal": refusal}
    choice = {"index": 0, "message": {**message, **_functions(calls)}, "finish_reason": _chat_end(calls)}
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-5", "choices": [choice]}


def _mistral(text: str, calls: list[Call], thinking: str | None) -> JsonObject:
    content: Any = text
    if thinking is not None:
        content = [{"type": "thinking", "thinking": [{"type": "text", "text": thinking}]}]
        content += [{"type": "text", "text": text}] if text else []
    message = {"role": "assistant", "content": content, **_functions(calls)}
    choice = {"index": 0, "message": message, "finish_reason": _chat_end(calls)}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "magistral-medium", "choices": [choice]}


def _chat_end(calls: list[Call]) -> str:
    return "tool_calls" if calls else "stop"


def _cohere(text: str, calls: list[Call], thinking: str | None) -> JsonObject:
    content = [] if thinking is None else [{"type": "thinking", "thinking": thinking}]
    message: JsonObject = {"role": "assistant"}
    if calls:
        message |= {"tool_plan": text} if text else {}
        message |= _functions(calls)
    else:
        content.append({"type": "text", "text": text})
    message |= {"content": content} if content else {}
    return {"id": "1", "message": message, "finish_reason": "TOOL_CALL" if calls else "COMPLETE"}


def _gemini(text: str, calls: list[Call], thinking: str | None) -> JsonObject:
    """Calls without ids are matched by order; the first of a step is signed."""
    parts: list[JsonObject] = [{"text": thinking, "thought": True}] if thinking is not None else []
    parts += [{"text": text}] if text else []
    for place, (name, arguments) in enumerate(calls):
        call = {"name": "look", "args": arguments, **({"id": name} if name else {})}
        signed = {} if place else {"thoughtSignature": ISSUER.sign("thought", "look", b"nonce")}
        parts.append({"functionCall": call, **signed})
    candidate = {"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}
    return {"candidates": [candidate], "modelVersion": "gemini-3-flash", "responseId": "r"}


def _ollama(text: str, calls: list[Call], thinking: str | None) -> JsonObject:
    """Older servers give calls no id."""
    message: JsonObject = {"role": "assistant", "content": text}
    message |= {} if thinking is None else {"thinking": thinking}
    if calls:
        message["tool_calls"] = [
            {**({"id": name} if name else {}), "function": {"name": "look", "arguments": given}}
            for name, given in calls
        ]
    head = {"model": "qwen3", "created_at": "2026-11-23T00:00:00Z"}
    return {**head, "message": message, "done": True, "done_reason": "stop"}


def _openai_responses(text: str, calls: list[Call], thinking: str | None) -> JsonObject:
    """Reasoning is sealed; a call has an id for its result, and another as an item."""
    items: list[JsonObject] = []
    if thinking is not None:
        summary = [{"type": "summary_text", "text": thinking}]
        sealed = ISSUER.sign("reasoning", "rs_1", b"nonce")
        items.append({"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": sealed})
    if text:
        block = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
        head = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant"}
        items.append({**head, "content": [block]})
    for place, (name, arguments) in enumerate(calls):
        call = {"call_id": name, "name": "look", "arguments": json.dumps(arguments, indent=1)}
        items.append({"type": "function_call", "id": f"fc_{place}", "status": "completed", **call})
    return {"id": "resp_1", "object": "response", "status": "completed", "model": "gpt-5.4", "output": items}


def _given(message: JsonObject) -> JsonObject:
    return {key: content for key, content in message.items() if content is not None}


def _whole_messages(body: JsonMapping) -> list[Any]:
    return [_given(one) for one in body["messages"] if one["role"] == "assistant"]


def _blocks(body: JsonMapping) -> list[Any]:
    return [block for one in body["messages"] if one["role"] == "assistant" for block in one["content"]]


SPEAKERS: Final[Mapping[str, Speaker]] = {
    "anthropic_messages": Speaker(
        model="claude-sonnet-4-6",
        answer=_anthropic,
        units=lambda body: body["content"],
        said=_blocks,
        id_forms=("toolu_{}",),
    ),
    "bedrock_converse": Speaker(
        model="anthropic.claude-sonnet-4-6",
        answer=_bedrock,
        units=lambda body: body["output"]["message"]["content"],
        said=_blocks,
        id_forms=("tooluse_{}",),
        model_in_body=False,
    ),
    "cohere_v2": Speaker(
        model="command-a-plus-05-2026",
        answer=_cohere,
        units=lambda body: [_given(body["message"])],
        said=_whole_messages,
        id_forms=("look_{}",),
        ids_once=True,
    ),
    "gemini": Speaker(
        model="gemini-3-flash",
        answer=_gemini,
        units=lambda body: body["candidates"][0]["content"]["parts"],
        said=lambda body: [part for one in body["contents"] if one["role"] == "model" for part in one["parts"]],
        id_forms=("call_{}", "functions.look:{}"),
        may_leave_ids_out=True,
        model_in_body=False,
    ),
    "mistral": Speaker(
        model="magistral-medium",
        answer=_mistral,
        units=lambda body: [_given(body["choices"][0]["message"])],
        said=_whole_messages,
        id_forms=("look{:05}",),
    ),
    "ollama_native": Speaker(
        model="qwen3",
        answer=_ollama,
        units=lambda body: [_given(body["message"])],
        said=_whole_messages,
        id_forms=("call_{}",),
        may_leave_ids_out=True,
    ),
    "openai_chat": Speaker(
        model="gpt-5",
        answer=_openai_chat,
        units=lambda body: [_given(body["choices"][0]["message"])],
        said=_whole_messages,
        id_forms=("call_{}", "functions.look:{}"),
    ),
    "openai_responses": Speaker(
        model="gpt-5.4",
        answer=_openai_responses,
        units=lambda body: body["output"],
        said=lambda body: list(body["input"]),
        id_forms=("call_{}", "functions.look:{}"),
    ),
}
"""By dialect."""
