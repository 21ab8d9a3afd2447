"""Lies about errors: refusals that look like answers, and bad requests that are taken."""

from collections.abc import Callable
from typing import Final

from offramp.types import changed
from offramp_conformance.liars.lies.lie import everywhere_but, lie
from offramp_conformance.liars.twists import Twist
from offramp_providers.emulator.rules import Rejection
from offramp_providers.emulator.wire import Reply

_PAGE: Final = b"<!doctype html><title>Gateway</title><h1>Something went wrong</h1>"
_FAILED: Final = b'{"error":{"type":"api_error","message":"internal server error"}}'
_HTML: Final = {"content-type": "text/html"}


def _failures(change: Callable[[Reply], Reply]) -> Twist:
    return Twist(leaves=lambda reply: change(reply) if reply.status >= 400 else reply)


ERROR_CALLED_ANSWER = lie(
    "error_called_answer",
    "An error comes with the status 200.",
    _failures(lambda reply: changed(reply, status=200)),
    "errors.bad_json",
    "errors.wrong_key",
    "errors.unknown_model",
    "errors.streamed",
)

ERRORS_ALL_500 = lie(
    "errors_all_500",
    "Whatever is wrong with a request, the status is 500.",
    _failures(lambda reply: changed(reply, status=500, content=_FAILED)),
    "errors.bad_json",
    "errors.wrong_type",
    "errors.unknown_model",
)

ERRORS_ALL_400 = lie(
    "errors_all_400",
    "A bad key and an unknown model come with the status 400 and a body of the gateway's own.",
    _failures(lambda reply: changed(reply, status=400, content=b'{"message":"upstream error"}')),
    "errors.wrong_key",
    "errors.unknown_model.told",
)

ERROR_PAGES = lie(
    "error_pages",
    "An error is a web page.",
    _failures(lambda reply: Reply(502, {**reply.headers, **_HTML}, _PAGE)),
    "errors.in_its_dialect",
)

ERRORS_EMPTY = lie(
    "errors_empty",
    "An error says nothing.",
    _failures(lambda reply: changed(reply, content=b"")),
    "errors.in_its_dialect",
)


def _but_for(*words: str) -> Callable[[Rejection | None], Rejection | None]:
    """Takes what a rule with one of these words in its id refuses."""
    return lambda found: None if found is not None and any(word in found.rule for word in words) else found


ANY_KEY = lie(
    "any_key",
    "Every key opens.",
    Twist(judges=_but_for("key", "signature", "auth")),
    "errors.wrong_key",
    "errors.no_key",
    dialects=everywhere_but("bedrock_converse", "ollama_native"),
)

ANY_MODEL = lie(
    "any_model", "A model that does not exist answers.", Twist(judges=_but_for("model")), "errors.unknown_model"
)


def _as_pages(reply: Reply) -> Reply:
    return Reply(200, {**reply.headers, **_HTML}, _PAGE) if reply.content and reply.status == 200 else reply


ANSWER_PAGES = lie("answer_pages", "An answer is a web page.", Twist(leaves=_as_pages), "text.answers")


def _cut(reply: Reply) -> Reply:
    return changed(reply, content=reply.content[:-9]) if reply.status == 200 else reply


BODY_CUT = lie("body_cut", "The body of an answer ends before its end.", Twist(leaves=_cut), "text.answers")

EMPTY_BODY = lie(
    "empty_body",
    "An answer has the status 200 and no body.",
    Twist(leaves=lambda reply: changed(reply, content=b"") if reply.status == 200 else reply),
    "text.answers",
)


def _unforgiving() -> Twist:
    """After a request that was at fault, the next good one is refused as well."""
    at_fault: list[int] = []

    def leaves(reply: Reply) -> Reply:
        if reply.status >= 400:
            at_fault.append(reply.status)
        elif at_fault:
            return changed(reply, status=at_fault.pop(), content=_FAILED)
        return reply

    return Twist(leaves=leaves)


UNFORGIVING = lie(
    "unforgiving", "After a request with a fault in it, the next one fails, too.", _unforgiving, "errors.recovers"
)


def _impossible(reply: Reply) -> Reply:
    told = {name: "999999999" for name in reply.headers if "remaining" in name}
    return changed(reply, headers={**reply.headers, **told})


LIMITS_IMPOSSIBLE = lie(
    "limits_impossible",
    "More is said to be left of a limit than the limit is.",
    Twist(leaves=_impossible),
    "errors.limits.possible",
    dialects=("anthropic_messages", "openai_chat"),
)
