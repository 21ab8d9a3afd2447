"""Finding what a prompt of the suite wishes for, by that prompt's own wording."""

import re
from collections.abc import Callable
from typing import Final

_ANYTHING: Final = "\x02"


def wording(prompt: Callable[[str], str], *, ends_line: bool = True) -> re.Pattern[str]:
    """What a prompt with one word in it looks like; its group 1 is the word.

    Args:
        prompt: makes the prompt.
        ends_line: whether the word reaches to the end of its line, where the prompt ends with it.
    """
    before, _, after = prompt(_ANYTHING).partition(_ANYTHING)
    held = r"(.*?)" if after or not ends_line else r"(.*)"
    return re.compile(re.escape(before) + held + re.escape(after))


def wording_of_number(prompt: Callable[[int], str]) -> re.Pattern[str]:
    """What a prompt with one number in it looks like; its group 1 is the number."""
    number = 987_654_321
    before, _, after = prompt(number).partition(str(number))
    return re.compile(re.escape(before) + r"(\d+)" + re.escape(after))
