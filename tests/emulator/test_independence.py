"""The emulators are the other side: they import no codec of ours."""

import ast
from pathlib import Path

import offramp_providers.emulator

ROOT = Path(offramp_providers.emulator.__file__).parent


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
    return found


def test_nothing_of_ours_is_imported_but_the_value_decorator():
    ours = {name for path in ROOT.rglob("*.py") for name in imported(path) if name.startswith("offramp")}

    assert {name for name in ours if not name.startswith("offramp_providers.emulator")} == {"offramp.types._value"}
