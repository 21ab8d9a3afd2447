"""A file imports from lower floors and its own folder only; the library names no vendor."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
ADAPTER: Final = ROOT / "adapter"
PROVIDERS: Final = ROOT / "providers"
SUITE: Final = ROOT / "contract_tests"

FLOORS: Final = {
    **dict.fromkeys(("errors", "types", "_core_schema"), 0),
    **dict.fromkeys(("contracts", "ed25519", "json_file", "json_form", "json_schema", "toml_file", "toml_writing"), 1),
    **dict.fromkeys(
        ("policy", "negotiation", "oversight", "resilience", "audit", "state", "catalog", "seeds", "telemetry"), 2
    ),
    **dict.fromkeys(("sessions", "routing", "migration", "exit"), 3),
    **dict.fromkeys(("client", "blocking", "config", "__init__"), 4),
    "gateway": 5,
    "cli": 6,
    "__main__": 7,
}
"""Folders and files of `offramp`. What begins with `_` and is not named belongs to the front door, floor 4."""

VENDOR_WORDS: Final = re.compile(
    r"anthropic|claude|openai|chatgpt|\bgpt-|gemini|vertex|mistral|cohere|bedrock|azure|groq|deepseek|openrouter|\bxai\b|\bgrok",
    re.IGNORECASE,
)


def floor_of(unit: str) -> int:
    return FLOORS[unit] if unit in FLOORS or not unit.startswith("_") else 4


def imported_by(file: Path) -> Iterator[str]:
    """Full names of the modules that a file imports. What only type checkers read counts too."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def unit_of(module: str) -> str:
    """The folder or file right below `offramp` that a module belongs to."""
    parts = module.split(".")
    names = {path.stem for path in (ADAPTER / "offramp").iterdir()}
    return parts[1] if len(parts) > 1 and parts[1] in names else "__init__"


def files(folder: Path, pattern: str = "*.py") -> list[Path]:
    return sorted(path for path in folder.rglob(pattern) if "__pycache__" not in path.parts)


def offenders(found: Iterator[tuple[Path, str]]) -> list[str]:
    return [f"{path.relative_to(ROOT)}: {what}" for path, what in found]


def imports(folders: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    yield from ((path, module) for folder in folders for path in files(folder) for module in imported_by(path))


def may_import(file: Path, module: str) -> bool:
    """Lower floors and its own folder. Files that lie side by side share a folder; so do the two parts of floor 0."""
    own, other = unit_of(".".join(file.relative_to(ADAPTER).with_suffix("").parts)), unit_of(module)
    side_by_side = all((ADAPTER / "offramp" / f"{unit}.py").exists() for unit in (own, other))
    if floor_of(other) == floor_of(own):
        return own == other or side_by_side or floor_of(own) == 0
    return floor_of(other) < floor_of(own)


def test_every_file_of_the_library_imports_downward_only():
    ours = ((path, module) for path, module in imports([ADAPTER]) if module.split(".")[0] == "offramp")

    assert offenders((path, module) for path, module in ours if not may_import(path, module)) == []


def test_the_library_imports_neither_vendors_nor_the_suite():
    above = ("offramp_providers", "offramp_conformance")

    assert offenders(each for each in imports([ADAPTER]) if each[1].startswith(above)) == []


def test_the_library_names_no_vendor():
    texts = ((path, path.read_text("utf-8")) for path in files(ADAPTER, "*.*") if path.suffix != ".pyc")

    assert offenders((path, word) for path, text in texts for word in VENDOR_WORDS.findall(text)) == []


def test_providers_stand_on_the_two_lowest_floors():
    ours = ((path, module) for path, module in imports([PROVIDERS]) if module.startswith("offramp."))

    assert offenders((path, module) for path, module in ours if floor_of(unit_of(module)) > 1) == []
    assert offenders(each for each in imports([PROVIDERS]) if each[1].startswith("offramp_conformance")) == []


def test_no_vendor_sdk_is_imported():
    sdks = {"anthropic", "openai", "google", "mistralai", "cohere", "boto3", "litellm"}

    assert offenders(each for each in imports([ADAPTER, PROVIDERS]) if each[1].split(".")[0] in sdks) == []


def test_one_file_imports_litellm_inside_the_function_that_needs_it():
    own = PROVIDERS / "offramp_providers" / "engines" / "litellm.py"
    texts = {path: path.read_text("utf-8") for folder in (ADAPTER, PROVIDERS, SUITE) for path in files(folder)}

    by_name = re.compile(r"""(?:import_module|__import__)\(\s*["']litellm""")
    assert [path for path, text in texts.items() if by_name.search(text)] == [own]
    assert by_name.search(texts[own]) is not None
    assert re.search(r"^\S.*import_module\(", texts[own], re.MULTILINE) is None


def test_every_module_begins_with_what_it_is_for():
    texts = ((path, path.read_text("utf-8")) for folder in (ADAPTER, PROVIDERS, SUITE) for path in files(folder))

    assert (
        offenders((path, "") for path, text in texts if text.strip() and not ast.get_docstring(ast.parse(text))) == []
    )


def test_every_unit_of_the_library_has_a_floor():
    units = {path.stem for path in (ADAPTER / "offramp").iterdir() if path.suffix in ("", ".py")} - {"__pycache__"}

    assert {unit for unit in units if not unit.startswith("_")} <= FLOORS.keys()
