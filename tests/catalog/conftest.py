"""A package of a third party's, installed as a real one would be: on the path, with an entry point of its own."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from offramp import catalog

PROFILE = dedent(
    """
    schema = 1
    vendor = "acme"
    title = "Acme"
    developer = "acme"
    host = "acme"
    dialect = "scripted"
    base_url = "https://api.acme.example"
    auth = "bearer"
    routing_fields = ["route_to"]

    [evidence]
    level = "documented"
    checked = 2026-11-23
    source = "https://docs.acme.example/api"

    [options]
    short_ids = true

    [capabilities.tools]
    support = "native"
    evidence = { level = "documented", checked = 2026-11-23, source = "Acme API specification 4.1" }

    [models."acme-1"]
    context_tokens = 1000
    served_as = ["acme-1@*"]
    evidence = { level = "declared", checked = 2026-11-23 }

    [models."acme-1".capabilities.seed]
    support = "ignored"
    evidence = { level = "observed", checked = 2026-11-23, check_id = "seed.repeats", digest = "ab12" }
    """
)


@pytest.fixture
def profile_text() -> str:
    """A sound profile."""
    return PROFILE


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Install a package `<name>_vendor` with these files and entry points; forget it afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    _forget()

    def add(name: str = "acme", *, files: dict[str, str], points: str | None = None) -> Path:
        package = tmp_path / f"{name}_vendor"
        package.mkdir()
        (package / "__init__.py").write_text(files.pop("__init__.py", ""), "utf-8")
        for each, text in files.items():
            (package / each).write_text(text, "utf-8")
        points = points or f"[offramp.vendors]\n{name} = {name}_vendor\n"
        info = tmp_path / f"{name}_vendor-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-vendor\nVersion: 1.0\n", "utf-8")
        (info / "entry_points.txt").write_text(points, "utf-8")
        _forget()
        return package

    yield add
    _forget()


def _forget() -> None:
    importlib.invalidate_caches()
    for module in [each for each in sys.modules if each.endswith("_vendor")]:
        del sys.modules[module]
    catalog.load_profile.cache_clear()
    catalog._listed.cache_clear()
