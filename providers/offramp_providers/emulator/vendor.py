"""The emulated vendor itself: judges a request and decides what becomes of it. It knows no socket."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any, Final

from offramp.types._value import JsonObject, value

from .answers import answer_to, calls_are_due
from .anthropic_messages.side import AnthropicSide
from .bedrock_converse.side import BedrockSide
from .cohere_v2.side import CohereSide
from .config import Behaviour, Dialect, EmulatorConfig
from .directives import Directive, Script
from .gemini.side import GeminiSide
from .json_values import is_list
from .mistral.side import MistralSide
from .ollama_native.side import OllamaSide
from .openai_chat.side import OpenaiSide
from .openai_responses.side import ResponsesSide
from .reading import Reading
from .rules import Rejection, ValidatorState
from .sender import Break
from .signatures import Issuer
from .wire import EventKind, Fate, Reply, Side, WireEvent, Writing
from .words import tokens_in

_SIDES: Final[Mapping[Dialect, Side]] = {
    "anthropic_messages": AnthropicSide(),
    "bedrock_converse": BedrockSide(),
    "openai_chat": OpenaiSide(),
    "openai_responses": ResponsesSide(),
    "gemini": GeminiSide(),
    "ollama_native": OllamaSide(),
    "cohere_v2": CohereSide(),
    "mistral": MistralSide(),
}
_HEAD: Final = ("system", "instructions", "systemInstruction", "tools")
_TURNS: Final = ("messages", "contents", "input")
"""Where the dialects hold what comes before a conversation, and the conversation itself."""
_TRANSPORT_KEYS: Final = ("stream", ":stream", "stream_options", "metadata")
"""What does not change the answer: a stream says what the whole answer would."""
_FAULTS: Final = ("overloaded", "rate", "server-error", "suspended", "retired", "quota")
_BREAKS: Final[Mapping[str, Break]] = {"hang": "hang", "cut": "cut", "stream-error": "error"}
_CACHED_FROM: Final = 1024
"""Prompts shorter than this many tokens are not cached."""


@value
class Verdict:
    """What becomes of a request."""

    rejection: Rejection | None = None
    retry_after_s: float | None = None
    writing: Writing | None = None
    """The answer; None where it is refused."""
    breaks: Break | None = None
    """How it ends before its end."""
    lacks: frozenset[EventKind] = frozenset()
    """Kinds of events that the stream leaves out."""


class Vendor:
    """One vendor with its key, its signatures and its memory of prompts."""

    def __init__(self, config: EmulatorConfig) -> None:
        self.config = config
        self.side = _SIDES[config.dialect]
        self.issuer = Issuer(config.issuer, config.seed)
        self._script = Script()
        self._seen: Counter[str] = Counter()
        self._prefixes: set[str] = set()
        self._state = ValidatorState(
            key=config.key,
            issuer=self.issuer,
            models=frozenset(config.models),
            also_recalled=config.also_recalled,
        )

    # What a vendor of another kind may do in its own way.

    def at_call(self) -> Vendor:
        """The vendor as one call meets it; the exchange asks nothing else meanwhile."""
        return self

    def aside(self, method: str, path: str, headers: Mapping[str, str], raw: bytes) -> Reply | None:  # noqa: ARG002
        """The reply to a question besides an answer. None: the exchange knows what to do with this path, or nobody."""
        return None

    def response(self, writing: Writing) -> JsonObject:
        """The whole answer."""
        return self.side.response(writing)

    def events(self, writing: Writing) -> list[WireEvent]:
        """The same answer in events."""
        return list(self.side.stream(writing))

    def leaving(self, reply: Reply) -> Reply:
        """A reply on its way out."""
        return reply

    # Judging.

    def check(self, body: Any, headers: Mapping[str, str]) -> Rejection | None:
        """Refuse what the vendor refuses."""
        return self.side.validate(body, headers, self._state)

    def tokens_in(self, body: JsonObject) -> int:
        """A plausible count of input tokens."""
        kept = {key: body[key] for key in (*_HEAD, *_TURNS) if key in body}
        return tokens_in(json.dumps(kept, ensure_ascii=False)) + 3

    def decide(self, body: JsonObject, behaviour: Behaviour) -> Verdict:
        """Decide on a request that passed the rules."""
        reading = self.side.read(body)
        script = self._script.read(reading.user_text)
        if behaviour.mood in self.side.faults:
            return Verdict(self.side.faults[behaviour.mood], behaviour.retry_after_s)
        if behaviour.mood == "refuse":
            reading, script = replace(reading, tools=()), {"refuse": Directive("refuse")}
        if calls_are_due(reading, script):  # faults and ends of the script wait for the answer after the calls
            cut = self._takes(script, "cut-call", reading) is not None
            writing = self.writing(body, reading, script)
            return Verdict(writing=writing, breaks=_mood_break(behaviour) or ("cut" if cut else None))
        for name in _FAULTS:
            if directive := self._takes(script, name, reading):
                return Verdict(self.side.faults[name], directive.number())
        writing = self.writing(body, reading, script)
        breaks = _mood_break(behaviour) or self._break(script, reading)
        return Verdict(writing=writing, breaks=breaks, lacks=self._lacks(script, reading))

    def _takes(self, script: Mapping[str, Directive], name: str, reading: Reading) -> Directive | None:
        return self._script.takes(script, name, reading.user_text)

    def _break(self, script: Mapping[str, Directive], reading: Reading) -> Break | None:
        for name, end in _BREAKS.items():
            if self._takes(script, name, reading):
                return end
        return None

    def _lacks(self, script: Mapping[str, Directive], reading: Reading) -> frozenset[EventKind]:
        if self._takes(script, "no-outcome", reading):
            return frozenset({"outcome", "terminator"})
        return frozenset({"terminator"} if self._takes(script, "no-terminator", reading) else ())

    def writing(self, body: JsonObject, reading: Reading, script: Mapping[str, Directive]) -> Writing:
        """What is to be said, and what it takes to put it on the wire."""
        digest = _digest({key: body[key] for key in body if key not in _TRANSPORT_KEYS})
        self._seen[digest] += 1
        answers = tuple(
            answer_to(reading, script, Random(f"{self.config.seed} {digest} {index}"))  # noqa: S311  # no secret
            for index in range(reading.candidates)
        )
        tokens = self.tokens_in(body)
        served = "emulated-other-model" if "wrong-model" in script else None
        return Writing(
            body=body,
            reading=reading,
            answers=answers,
            issuer=self.issuer,
            salt=f"{self.config.seed} {digest} {self._seen[digest]}",
            input_tokens=tokens,
            cached_tokens=self._cached(body, tokens),
            fate=Fate(is_novel="novel" in script, served_model=served),
        )

    def _cached(self, body: JsonObject, tokens: int) -> int:
        """Tokens of the longest prefix of messages that was seen before; 0 below the caching threshold."""
        said: Any = next((body[key] for key in _TURNS if body.get(key)), None)
        messages: list[Any] = said if is_list(said) else [said]
        head = _digest({key: body.get(key) for key in ("model", *_HEAD)})
        prefixes: list[tuple[str, int]] = []
        size = 0
        for message in messages:
            size += tokens_in(json.dumps(message, ensure_ascii=False))
            head = _digest({"head": head, "message": message})
            prefixes.append((head, size))
        known = [size for name, size in prefixes if name in self._prefixes and size >= _CACHED_FROM]
        self._prefixes.update(name for name, _ in prefixes)
        return min(max(known, default=0), tokens)


def _digest(found: JsonObject) -> str:
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def _mood_break(behaviour: Behaviour) -> Break | None:
    return behaviour.mood if behaviour.mood in ("hang", "cut") else None
