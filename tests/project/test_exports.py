"""`import offramp` is the whole public API, quick, and touches nothing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import offramp

_WATCHED = """
import json, sys
touched = []
def hook(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.mkdir", "sqlite3.")):
        touched.append(event)
    if event == "open" and not str(arguments[0]).endswith((".py", ".pyc", ".so")) and arguments[1] is not None:
        touched.append(f"open {arguments[0]}")
sys.addaudithook(hook)
"""


def run(script: str) -> Any:
    """In a fresh interpreter; what it prints, as JSON."""
    command = [sys.executable, "-c", _WATCHED + script]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_all_is_sorted_and_every_name_exists():
    assert offramp.__all__ == sorted(offramp.__all__)
    assert [name for name in offramp.__all__ if not hasattr(offramp, name)] == []


def test_every_public_name_is_its_homes_own():
    private = [name for name in offramp.__all__ if name.startswith("_")]

    assert private == []
    assert set(offramp.__all__) <= set(dir(offramp))


def test_importing_touches_neither_network_nor_files_and_loads_nothing_heavy():
    found = run(
        "import offramp; print(json.dumps([touched, sorted({n.split('.')[0] for n in sys.modules}), len(sys.modules)]))"
    )
    touched, loaded, _ = found

    assert touched == []
    assert {"aiohttp", "pydantic", "tenacity", "httpx", "rich", "typer", "sqlite3", "asyncio"} & set(loaded) == set()


def test_the_client_class_loads_no_http():
    found = run("from offramp import Client; print(json.dumps(sorted({n.split('.')[0] for n in sys.modules})))")

    assert "aiohttp" not in found


def test_type_checkers_see_every_name_that_is_loaded_lazily():
    """The list for type checkers and the table for the run time are one."""
    text = Path(offramp.__file__).read_text("utf-8")
    seen, rest = text.split("_HOMES", 1)

    for name in offramp.__all__:
        assert f" {name},\n" in seen, f"{name} is not imported under TYPE_CHECKING"
        assert f'"{name}"' in rest


def test_an_unknown_name_says_so():
    with pytest.raises(AttributeError, match="nonsense"):
        offramp.nonsense  # noqa: B018
