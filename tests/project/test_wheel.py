"""The wheel holds what it should, and works in an application that has its own `adapter` and `providers`."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = {"offramp": "adapter", "offramp_providers": "providers", "offramp_conformance": "contract_tests"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_every_source_and_data_file_and_nothing_else(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    wanted = {
        str(path.relative_to(ROOT / root))
        for package, root in SOURCES.items()
        for path in (ROOT / root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == wanted
    assert {f"{package}/py.typed" for package in SOURCES} <= held
    assert {"offramp/policy/floor.toml", "offramp_providers/vendors/anthropic/profile.toml"} <= held


def test_the_wheel_requires_little(installed: Path):
    (metadata,) = installed.glob("*.dist-info/METADATA")
    required = [line for line in metadata.read_text().splitlines() if line.startswith("Requires-Dist")]

    core = {line.split()[1].split(">")[0].split("<")[0] for line in required if "extra ==" not in line}

    assert core == {"aiohttp", "pydantic", "tenacity"}


def test_it_works_in_an_application_with_its_own_adapter_and_providers(installed: Path, tmp_path: Path):
    (tmp_path / "adapter.py").write_text("MINE = 1\n")
    (tmp_path / "providers").mkdir()
    (tmp_path / "providers" / "__init__.py").write_text("MINE = 2\n")
    (tmp_path / "contract_tests.py").write_text("MINE = 3\n")
    script = (
        "import adapter, providers, contract_tests, offramp, offramp.catalog as catalog, sys\n"
        "from offramp.cli import main\n"
        "assert (adapter.MINE, providers.MINE, contract_tests.MINE) == (1, 2, 3)\n"
        f"assert offramp.__file__.startswith({str(installed)!r}), offramp.__file__\n"
        "assert offramp.Client and catalog.load_profile('anthropic').vendor == 'anthropic'\n"
        "sys.argv[1:] = ['vendors']\n"
        "sys.exit(main())\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{installed}:{tmp_path}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "anthropic_messages" in ran.stdout
