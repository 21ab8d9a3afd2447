"""What a docstring says for a model: the first paragraph, and a line on each parameter."""

import re
from typing import Final

_SECTION: Final = re.compile(r"^(?:Args|Arguments|Parameters|Params)\s*:\s*$")
_ENTRY: Final = re.compile(r"^(?P<indent>\s+)\*{0,2}(?P<name>\w+)\s*(?:\([^)]*\))?\s*:\s*(?P<text>.*)$")
_FIELD: Final = re.compile(r"^:param\s+(?:[^:]*\s)?(?P<name>\w+)\s*:\s*(?P<text>.*)$")


def first_paragraph(docstring: str) -> str:
    """The text before the first empty line, on one line."""
    return " ".join(docstring.strip().split("\n\n", 1)[0].split())


def described_parameters(docstring: str) -> dict[str, str]:
    """The parameters that an `Args:` section or `:param name:` lines describe."""
    described = _section(docstring.splitlines())
    for line in docstring.splitlines():
        if found := _FIELD.match(line.strip()):
            described[found["name"]] = found["text"].strip()
    return described


def _section(lines: list[str]) -> dict[str, str]:
    """Entries of the first section of parameters; deeper lines continue the entry above them."""
    described: dict[str, str] = {}
    starts = [number for number, line in enumerate(lines) if _SECTION.match(line)]
    name, indent = "", 0
    for line in lines[starts[0] + 1 :] if starts else ():
        depth = len(line) - len(line.lstrip())
        if line.strip() and depth == 0:
            break
        found = _ENTRY.match(line)
        if found and (not name or depth <= indent):
            name, indent = found["name"], depth
            described[name] = found["text"].strip()
        elif name and line.strip():
            described[name] = f"{described[name]} {line.strip()}".strip()
    return described
