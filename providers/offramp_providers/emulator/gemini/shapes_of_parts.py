"""The published shapes of what a request is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from offramp_providers.emulator.shapes import (
    Check,
    Fault,
    anything,
    boolean,
    integer,
    items,
    nullable,
    number,
    one_of,
    record,
    text,
)


def _word(*words: str) -> Check:
    """A word of a closed set, in capitals or not."""

    def check(found: Any, path: str) -> Iterator[Fault]:
        yield from one_of(*words)(found.upper() if isinstance(found, str) else found, path)

    return check


_OPEN: Final = record({}, closed=False)
_BLOB: Final = record(
    {"mimeType": text(at_least=1), "data": text(), "displayName": text()}, required=("mimeType", "data")
)
_FILE: Final = record({"fileUri": text(), "mimeType": text(), "displayName": text()}, required=("fileUri",))
_RESULT_PART: Final = record({"inlineData": _BLOB, "fileData": _FILE})

KINDS: Final[Mapping[str, Check]] = {
    "text": text(),
    "inlineData": _BLOB,
    "fileData": _FILE,
    "functionCall": record(
        {
            "name": text(at_least=1),
            "args": nullable(_OPEN),
            "id": text(),
            "partialArgs": anything,
            "willContinue": boolean,
        },
        required=("name",),
    ),
    "functionResponse": record(
        {
            "name": text(at_least=1),
            "response": _OPEN,
            "id": text(),
            "parts": items(_RESULT_PART),
            "scheduling": text(),
            "willContinue": boolean,
        },
        required=("name", "response"),
    ),
    "executableCode": _OPEN,
    "codeExecutionResult": _OPEN,
    "toolCall": _OPEN,
    "toolResponse": _OPEN,
}
"""A part has exactly one of these."""

BESIDE: Final[Mapping[str, Check]] = {
    "thought": boolean,
    "thoughtSignature": text(),
    "videoMetadata": _OPEN,
    "mediaResolution": _OPEN,
    "partMetadata": _OPEN,
}
"""What may stand beside its kind."""

PART: Final = record({**KINDS, **BESIDE})
CONTENT: Final = record({"role": text(), "parts": items(PART)})

_FUNCTION: Final = record(
    {
        "name": anything,
        "description": text(),
        "behavior": text(),
        "parameters": _OPEN,
        "parametersJsonSchema": anything,
        "response": _OPEN,
        "responseJsonSchema": anything,
    },
    required=("name",),
)
_TOOL: Final = record(
    {
        "functionDeclarations": items(_FUNCTION),
        **dict.fromkeys(
            (
                "googleSearch",
                "googleSearchRetrieval",
                "urlContext",
                "codeExecution",
                "fileSearch",
                "googleMaps",
                "computerUse",
                "mcpServers",
            ),
            anything,
        ),
    }
)
_CALLING: Final = record(
    {
        "mode": _word("MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"),
        "allowedFunctionNames": items(text()),
        "streamFunctionCallArguments": boolean,
    }
)

GENERATION: Final[Mapping[str, Check]] = {
    "maxOutputTokens": integer,
    "temperature": number,
    "topP": number,
    "topK": number,
    "candidateCount": integer,
    "seed": integer,
    "stopSequences": items(text()),
    "presencePenalty": number,
    "frequencyPenalty": number,
    "responseLogprobs": boolean,
    "logprobs": integer,
    "responseMimeType": text(),
    "responseSchema": _OPEN,
    "responseJsonSchema": anything,
    "responseModalities": items(text()),
    "mediaResolution": text(),
    "thinkingConfig": record(
        {
            "includeThoughts": boolean,
            "thinkingBudget": integer,
            "thinkingLevel": _word("THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH"),
        }
    ),
    "speechConfig": anything,
    "imageConfig": anything,
    "enableEnhancedCivicAnswers": boolean,
}

SETTINGS: Final[Mapping[str, Check]] = {
    "model": text(),
    "contents": items(CONTENT, at_least=1),
    "systemInstruction": CONTENT,
    "tools": items(_TOOL),
    "toolConfig": record(
        {
            "functionCallingConfig": _CALLING,
            "retrievalConfig": anything,
            "includeServerSideToolInvocations": boolean,
        }
    ),
    "safetySettings": items(_OPEN),
    "generationConfig": record(GENERATION),
    "cachedContent": text(),
    "serviceTier": text(),
    "store": boolean,
}
