"""How an emulated vendor is set up, and how it can be told to misbehave while it runs."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

from offramp.types._value import value

Dialect: TypeAlias = Literal[
    "anthropic_messages",
    "bedrock_converse",
    "openai_chat",
    "openai_responses",
    "gemini",
    "ollama_native",
    "cohere_v2",
    "mistral",
]
DIALECTS: Final[tuple[Dialect, ...]] = get_args(Dialect)

Hosting: TypeAlias = Literal["vendor", "google-cloud"]
HOSTINGS: Final[tuple[Hosting, ...]] = ("vendor", "google-cloud")

Mood: TypeAlias = Literal["normal", "overloaded", "rate_limited", "server_error", "suspended", "refuse", "hang", "cut"]
MOODS: Final[tuple[Mood, ...]] = (
    "normal",
    "overloaded",
    "rate_limited",
    "server_error",
    "suspended",
    "refuse",
    "hang",
    "cut",
)


@value
class EmulatorConfig:
    """One emulated vendor."""

    dialect: Dialect
    port: int = 0
    """Counted port on loopback; 0 takes a free one."""
    admin_port: int = 0
    """Port of the uncounted side entrance; 0 takes a free one."""
    seed: int = 0
    pace_s: float = 0.02
    """Mean pause between two events of a stream, in seconds."""
    first_s: float = 0.0
    """Pause before the first byte of an answer, in seconds."""
    key: str | None = None
    """The one accepted key; None accepts any that is given."""
    issuer: str = "emulated"
    """Whose signatures are issued and accepted. Other names and seeds are foreign."""
    models: tuple[str, ...] = ()
    """Models that exist; empty for all."""
    also_recalled: bool = False
    """Whether rules that nobody read at the vendor are enforced too."""
    hosting: Hosting = "vendor"
    """Whether the dialect is spoken as its own vendor has it, or as a cloud does (`anthropic_messages` only)."""
    record_bodies: bool = False
    """Whether request bodies are kept in memory, for `GET /requests?bodies=1`."""


@value
class Behaviour:
    """What holds for every answer from now on."""

    mood: Mood = "normal"
    pace_s: float = 0.02
    first_s: float = 0.0
    retry_after_s: float | None = None
    """Sent with `overloaded` and `rate_limited`, in seconds; None sends no header."""
