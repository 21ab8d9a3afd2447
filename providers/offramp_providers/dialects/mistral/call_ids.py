"""Ids of calls as this vendor takes them: nine letters and digits.

The form is documented (platform-docs-public, function-calling, 2026-08-21) and enforced where a history is sent again.
"""

import hashlib
import re
import string
from collections.abc import Iterable, Iterator
from typing import Final

_LENGTH: Final = 9
_VALID: Final = re.compile(rf"[a-zA-Z0-9]{{{_LENGTH}}}")
_LETTERS: Final = string.digits + string.ascii_letters


def sent_ids(call_ids: Iterable[str]) -> dict[str, str]:
    """What is sent for each id: itself where the vendor takes it, else another that no other id of the request has.

    The same id gets the same one in every request, so that a growing conversation keeps its prefix.
    """
    asked = dict.fromkeys(call_ids)
    taken = {each for each in asked if _VALID.fullmatch(each)}
    sent = {each: each for each in taken}
    for each in asked:
        if each not in sent:
            sent[each] = next(found for found in _derived(each) if found not in taken)
            taken.add(sent[each])
    return sent


def _derived(call_id: str) -> Iterator[str]:
    """Valid ids made from the id, each with its own digest."""
    attempt = 0
    while True:
        digest = hashlib.sha256(f"{attempt}:{call_id}".encode("utf-8", "surrogatepass")).digest()
        yield _spelled(int.from_bytes(digest, "big"))
        attempt += 1


def _spelled(number: int) -> str:
    letters: list[str] = []
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(letters)
