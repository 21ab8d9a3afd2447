"""What LiteLLM wrote, held against what it was asked: the last look at a request before it may leave.

LiteLLM mends messages, drops and renames parameters, and fills what it misses. Whatever of the question is not in its
body, and whatever text in it nobody has asked for, is named here, and the request does not leave.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from offramp.types import JsonMapping, Loss
from offramp_providers.dialects.losses import LOSSES
from offramp_providers.dialects.shapes import is_list, is_object

_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "max_tokens": ("max_tokens", "max_completion_tokens"),
    "max_completion_tokens": ("max_completion_tokens", "max_tokens"),
    "user": ("user", "safety_identifier"),
    "safety_identifier": ("safety_identifier", "user"),
}
"""Parameters with two names for one meaning."""

_NOT_COMPARED: Final = frozenset({"model", "stream", "stream_options", "messages", "tools", "tool_choice"})
_VOCABULARY: Final = frozenset({"role", "type", "id", "tool_call_id", "detail"})
"""Keys of a message whose values each vendor spells in words of its own."""
_TEXTUAL: Final = frozenset({"text", "content", "prompt", "inputs", "input", "system", "parts", "message", "preamble"})
"""Keys under which a vendor expects text for the model."""
_WORD: Final = re.compile(r"[A-Za-z0-9_][\w./:@+-]*")
_CHOICES: Final = ("tool_choice", "toolConfig", "tool_config", "function_call")


def differences(asked: JsonMapping, written: JsonMapping) -> tuple[Loss, ...]:
    """Everything by which the body differs from what was asked in more than spelling."""
    found = [_unsaid(path) for path in _left_out(asked, written)]
    found += [_injected(path) for path in _put_in(asked, written)]
    return tuple(found)


def names_model(asked: str, path: str, written: JsonMapping) -> str | None:
    """The model's name as LiteLLM wrote it, where it is the one that was asked for; else None."""
    for key in ("model", "model_id", "modelId", "modelName"):
        name: Any = written.get(key)
        if isinstance(name, str):
            return name if _is_name_of(name, asked) else None
    there = [unquote(piece) for piece in re.split(r"[/:?]", path)]
    own = asked.rpartition("/")[2]
    return own if own and own in there else None


def _is_name_of(name: str, asked: str) -> bool:
    own = asked.rpartition("/")[2]
    return asked == name or asked.endswith("/" + name) or name.endswith("/" + own)


def in_own_spelling(served: str, asked: str, name: str) -> str:
    """A model as LiteLLM would spell it: the one asked for was `asked` here, and `name` on the wire."""
    if name and served.startswith(name):
        return asked + served[len(name) :]
    return f"{asked.partition('/')[0]}/{served}"


def _unsaid(path: str) -> Loss:
    return _loss("engine.unsaid", path)


def _injected(path: str) -> Loss:
    return _loss("engine.injected", path)


def _loss(code: str, path: str) -> Loss:
    action, severity, why = LOSSES[code]
    return Loss(code=code, path=path, action=action, severity=severity, why=why)


# What was asked and is not said.


def _left_out(asked: JsonMapping, written: JsonMapping) -> Iterator[str]:
    said = list(_texts(written))
    if written.get("messages") != asked.get("messages"):
        for place, message in enumerate(asked.get("messages", ())):
            if not all(_is_said(text, said) for text in _texts(_without_vocabulary(message))):
                yield f"messages[{place}]"
    for place, tool in enumerate(asked.get("tools", ())):
        if written.get("tools") != asked["tools"] and not _is_offered(tool, said, written):
            yield f"tools[{place}]"
    if "tool_choice" in asked and not any(key in written for key in _CHOICES):
        yield "tool_choice"
    yield from (name for name in asked if name not in _NOT_COMPARED and not _is_set(name, asked[name], written))


def _is_said(text: str, said: Iterable[str]) -> bool:
    return not text.strip() or any(text in each for each in said)


def _is_offered(tool: JsonMapping, said: list[str], written: JsonMapping) -> bool:
    """A tool in another shape: its name and description as they are, its schema unchanged."""
    inner: Any = tool.get("function", tool)
    about, schema = inner.get("description"), inner.get("parameters")
    named = inner.get("name") in said
    return named and (about is None or _is_said(about, said)) and (schema is None or _holds(written, schema))


def _is_set(name: str, wanted: Any, written: JsonMapping) -> bool:
    for spelling in _SPELLINGS.get(name, (name,)):
        if spelling in written:
            return bool(written[spelling] == wanted)
    if isinstance(wanted, bool) or wanted is None:
        return False  # a word that stands for so little is found anywhere
    rest = {key: content for key, content in written.items() if key not in ("messages", "tools", "contents")}
    return _holds(rest, wanted) or (isinstance(wanted, str) and _holds(rest, [wanted]))


def _holds(node: Any, wanted: Any) -> bool:
    """Whether this very value stands somewhere in the tree."""
    if isinstance(node, bool) == isinstance(wanted, bool) and node == wanted:
        return True
    return any(_holds(child, wanted) for child in _children(node))


# What is said and was not asked.


def _put_in(asked: JsonMapping, written: JsonMapping) -> Iterator[str]:
    wanted = sorted({text for text in _texts(asked) if text.strip()}, key=len, reverse=True)
    for key, content in written.items():
        if key not in asked or content != asked[key]:
            leaves = _leaves(content, key, key)
            yield from (path for path, text, is_text in leaves if not _is_ours(text, wanted, is_text=is_text))


def _is_ours(text: str, wanted: Iterable[str], *, is_text: bool) -> bool:
    """Made of what was asked and white space alone; elsewhere than in text for the model, a word will do."""
    if not is_text and _WORD.fullmatch(text):
        return True
    for each in wanted:
        text = text.replace(each, "")
    return not text.strip()


def _leaves(node: Any, key: str, path: str) -> Iterator[tuple[str, str, bool]]:
    """Every text of the tree: its path, the text, and whether a model reads it."""
    if isinstance(node, str):
        yield from ((path, text, key in _TEXTUAL) for text in _unfolded(node))
    elif is_object(node):
        for name, child in node.items():
            yield from _leaves(child, name, f"{path}.{name}")
    elif is_list(node):
        for place, child in enumerate(node):
            yield from _leaves(child, key, f"{path}[{place}]")


# Both.


def _texts(node: Any) -> Iterator[str]:
    """Every text of the tree."""
    if isinstance(node, str):
        yield from _unfolded(node)
    for child in _children(node):
        yield from _texts(child)


def _unfolded(text: str) -> Iterator[str]:
    """A text; of JSON the texts in it, since vendors take a call's arguments either way."""
    if text[:1] in ("{", "["):
        try:
            inner = json.loads(text)
        except ValueError:
            yield text
        else:
            yield from _texts_of_json(inner)
        return
    yield text


def _texts_of_json(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for child in _children(node):
        yield from _texts_of_json(child)


def _children(node: Any) -> list[Any]:
    if is_object(node):
        return list(node.values())
    return node if is_list(node) else []


def _without_vocabulary(message: Any) -> Any:
    if is_object(message):
        kept = message
        return {key: _without_vocabulary(each) for key, each in kept.items() if key not in _VOCABULARY}
    if is_list(message):
        return [_without_vocabulary(each) for each in message]
    return message
