"""Where each dialect is spoken in a trial: whose profile, which model, and what of it cannot be shown there."""

from collections.abc import Mapping
from typing import Final

from offramp.contracts.capability import Requirement
from offramp.types import value
from offramp_providers.emulator.config import Dialect


@value
class Place:
    """One dialect at the vendor whose own it is."""

    dialect: Dialect
    vendor: str
    model: str
    base_path: str = ""
    """Of the vendor's API, below its host."""
    key: str = "a-key-of-the-trial"
    refusal_trigger: str | None = None
    """What provokes a refusal, where the vendor has a way to tell one."""
    lacks: tuple[Requirement, ...] = ()
    """What the profile claims and the emulated vendor cannot show."""


_UNSHOWN: Final[tuple[Requirement, ...]] = ("input.audio", "input.video", "citations")
"""Nobody listens or watches here, or cites."""

_REFUSES: Final = "[[refuse]]"
"""The emulator's own directive; nothing asks for harm."""

_PLACES: Final = (
    Place("anthropic_messages", "anthropic", "claude-haiku-4-5", refusal_trigger=_REFUSES, lacks=_UNSHOWN),
    Place(
        "bedrock_converse",
        "bedrock",
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        key="AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        lacks=_UNSHOWN,
    ),
    Place("openai_chat", "openai", "gpt-4.1", base_path="/v1", refusal_trigger=_REFUSES, lacks=_UNSHOWN),
    Place(
        "openai_responses",
        "openai",
        "gpt-5.1",
        base_path="/v1",
        refusal_trigger=_REFUSES,
        lacks=(*_UNSHOWN, "logprobs"),
    ),
    Place(
        "gemini",
        "google-ai",
        "gemini-2.5-flash",
        base_path="/v1beta",
        refusal_trigger=_REFUSES,
        lacks=(*_UNSHOWN, "logprobs"),
    ),
    Place("ollama_native", "ollama-native", "qwen3:8b", lacks=(*_UNSHOWN, "logprobs")),
    Place("cohere_v2", "cohere", "command-a-reasoning-08-2025", lacks=(*_UNSHOWN, "logprobs")),
    Place("mistral", "mistral", "magistral-medium-latest", base_path="/v1", lacks=_UNSHOWN),
)

PLACES: Final[Mapping[Dialect, Place]] = {each.dialect: each for each in _PLACES}
