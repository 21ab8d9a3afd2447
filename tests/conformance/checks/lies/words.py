"""Lies about words and roles."""

import html
import itertools
from collections.abc import Mapping
from dataclasses import replace

from offramp.types import GenerateRequest, OutcomeKind, user

from .cases import Case, hears, keeping, outcome, says, spoken, writes


def _without(*roles: str) -> Case:
    return hears(lambda request: keeping(request, lambda message: message.role not in roles))


def _hears_no_wish(request: GenerateRequest) -> GenerateRequest:
    wish = request.messages[-1].text
    return replace(request, messages=(user("Hello."),)) if wish.startswith("Reply with exactly") else request


def _last_part_only(request: GenerateRequest) -> GenerateRequest:
    return replace(request, messages=tuple(replace(each, parts=each.parts[-1:]) for each in request.messages))


def _first_part_of_system(request: GenerateRequest) -> GenerateRequest:
    kept = [replace(each, parts=each.parts[:1]) if each.role == "system" else each for each in request.messages]
    return replace(request, messages=tuple(kept))


def _system_at_first_only(request: GenerateRequest) -> GenerateRequest:
    return keeping(request, lambda each: each.role != "system") if len(request.messages) > 3 else request


def _system_to_the_front(request: GenerateRequest) -> GenerateRequest:
    ordered = sorted(request.messages, key=lambda each: each.role != "system")
    return replace(request, messages=tuple(ordered))


def _backwards(request: GenerateRequest) -> GenerateRequest:
    *turns, question = request.messages
    pairs = [turns[place : place + 2] for place in range(0, len(turns), 2)]
    return replace(request, messages=(*itertools.chain(*reversed(pairs)), question))


def _last_of_a_role(request: GenerateRequest) -> GenerateRequest:
    runs = [list(run) for _, run in itertools.groupby(request.messages, key=lambda each: each.role)]
    return replace(request, messages=tuple(run[-1] for run in runs))


LIES: Mapping[str, Case] = {
    "text.answers": says(lambda response, _: replace(response, message=replace(response.message, parts=()))),
    "text.outcome": says(lambda response, _: outcome(response, OutcomeKind.UNKNOWN)),
    "text.follows": hears(_hears_no_wish),
    "text.unicode": writes(lambda text: text.encode().decode("latin-1")),
    "text.emoji": writes(lambda text: text.replace("\u200d", "").replace("\ufe0f", "")),
    "text.signs": writes(html.escape),
    "text.lines": writes(lambda text: " ".join(text.split())),
    "text.parts": hears(_last_part_only),
    "text.markers": writes(lambda text: f"{text}<|im_end|>"),
    "text.echo": says(lambda response, asked: spoken(response, f"{asked.messages[-1].text}\n{response.text}")),
    "roles.system.obeyed": _without("system"),
    "roles.system.whole": hears(_first_part_of_system),
    "roles.system.every_turn": hears(_system_at_first_only),
    "roles.system.mid_conversation": hears(_system_to_the_front),
    "roles.developer": _without("developer"),
    "roles.order": hears(_backwards),
    "roles.assistant.read": _without("assistant"),
    "roles.history": hears(lambda request: replace(request, messages=request.messages[-9:])),
    "roles.user.twice": hears(_last_of_a_role),
}
