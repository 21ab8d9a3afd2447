"""What a caller handed in, checked where a mistake would otherwise surface deep inside, or pass unnoticed."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from offramp.errors import ConfigurationError
from offramp.types import Cache, Logprobs, Message, ReasoningSettings, ToolChoice

KINDS: Final[Mapping[str, tuple[Any, str]]] = {
    "tool_choice": (ToolChoice, "a ToolChoice, such as ToolChoiceAny()"),
    "parallel_tool_calls": (bool, "True or False"),
    "reasoning": (ReasoningSettings, "a ReasoningSettings"),
    "max_output_tokens": (int, "a whole number"),
    "temperature": (float, "a number"),
    "top_p": (float, "a number"),
    "top_k": (int, "a whole number"),
    "seed": (int, "a whole number"),
    "frequency_penalty": (float, "a number"),
    "presence_penalty": (float, "a number"),
    "stop": ((tuple, list), "a tuple of texts"),
    "logprobs": (Logprobs, "a Logprobs"),
    "candidates": (int, "a whole number"),
    "service_tier": (str, "a text"),
    "end_user": (str, "a text"),
    "metadata": (dict, "a dictionary of texts"),
    "store": (bool, "True or False"),
    "cache": (Cache, "a Cache"),
}
"""What each setting may be, for `isinstance`, and in words."""


def check_settings(settings: Mapping[str, object]) -> None:
    """Refuse unknown settings, and values of another kind than the setting's. None leaves it to the vendor.

    Raises:
        ConfigurationError: names the setting; never its value.
    """
    for name, content in settings.items():
        if name not in KINDS:
            raise ConfigurationError(
                f"unknown setting {name!r}", where="settings", mend=f"use one of {', '.join(sorted(KINDS))}"
            )
        kind, words = KINDS[name]
        if content is not None and not _is(content, kind):
            raise ConfigurationError(f"it is {_kind_of(content)}", where=f"settings.{name}", mend=f"give {words}")


def check_options(options: Mapping[str, Any]) -> None:
    """Refuse a time, a bound or vendor options that are of no use.

    Raises:
        ConfigurationError: names the argument.
    """
    timeout_s, max_turns = options.get("timeout_s"), options.get("max_turns", 1)
    if timeout_s is not None and not _is(timeout_s, float):
        raise ConfigurationError("it is no number of seconds", where="timeout_s", mend="give a number, or None")
    if not _is(max_turns, int) or max_turns < 1:
        raise ConfigurationError("it allows no exchange", where="max_turns", mend="give a whole number from 1 on")
    check_oversight(options.get("approvals", ()), options.get("subject"))
    given: object = options.get("vendor_options", {})
    if not isinstance(given, Mapping) or not all(isinstance(one, Mapping) for one in given.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]  # whatever it is
        raise ConfigurationError(
            "they are no options by dialect",
            where="vendor_options",
            mend='give {"DIALECT": {"key": …}}',
        )


def check_oversight(approvals: object, subject: object) -> None:
    """Refuse what can be no approvals, and a subject that would make different people one.

    Raises:
        ConfigurationError: names the argument; never what it holds.
    """
    if isinstance(approvals, str) or not isinstance(approvals, Sequence):
        raise ConfigurationError("it is no list of approvals", where="approvals", mend="give [client.approval(ID)]")
    if not all(isinstance(one, str) for one in cast("Sequence[object]", approvals)):
        raise ConfigurationError("an approval is a text", where="approvals", mend="give what client.approval returns")
    if subject is not None and not (isinstance(subject, str) and subject.strip()):
        raise ConfigurationError(
            "it names nobody", where="subject", mend="give a text that stands for one person, or leave it out"
        )


def messages_from(given: object) -> tuple[Message, ...]:
    """The messages of an input that is neither a text nor a request.

    Raises:
        ConfigurationError: it is no message and no sequence of messages.
    """
    if isinstance(given, Message):
        return (given,)
    each = tuple(cast("Sequence[object]", given)) if isinstance(given, Sequence) else (given,)
    for one in each:
        if not isinstance(one, Message):
            raise ConfigurationError(
                f"the input holds {_kind_of(one)} where a message is expected",
                where="input",
                mend="give a text, a Message such as user(…), a sequence of these, or a GenerateRequest",
            )
    return cast("tuple[Message, ...]", each)


def check_conversation(conversation: object) -> None:
    """Refuse an id under which different conversations would become one.

    Raises:
        ConfigurationError: it is empty, or no text.
    """
    if not isinstance(conversation, str) or not conversation.strip():
        raise ConfigurationError(
            "a conversation needs an id", where="session", mend="give a text that no other conversation has"
        )


def _is(content: object, kind: Any) -> bool:
    if kind is float:
        return isinstance(content, int | float) and not isinstance(content, bool) and math.isfinite(content)
    if kind is int:
        return isinstance(content, int) and not isinstance(content, bool)
    return isinstance(content, kind)


def _kind_of(content: object) -> str:
    return f"a value of the type {type(content).__name__}"
