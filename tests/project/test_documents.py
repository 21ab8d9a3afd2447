"""The documents that a newcomer looks for are there, and say nothing that belongs elsewhere."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PROJECT: Any = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FOLDERS: Final = ("adapter", "providers", "contract_tests", "migration_guides")
TEXT: Final = {".py", ".md", ".toml", ".json", ".html", ".txt", ""}


def tracked() -> list[Path]:
    """The project's own text files."""
    roots = [*FOLDERS, "tests", ".ci"]
    found = [path for root in roots for path in (ROOT / root).rglob("*") if path.is_file() and path.suffix in TEXT]
    # In a linked worktree `.git` is a file, and names a place of this machine.
    top = [path for path in ROOT.iterdir() if path.is_file() and path.suffix in TEXT and path.name != ".git"]
    return [path for path in found + top if "__pycache__" not in path.parts]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_says_what_is_in_it_and_what_was_decided(folder: str):
    text = (ROOT / folder / "README.md").read_text("utf-8")

    decisions = text.partition("## Decisions\n")[2]

    assert re.findall(r"^- \d{4}-\d{2}-\d{2} · ", decisions, re.MULTILINE)


@pytest.mark.parametrize(
    "readme", [ROOT / folder / "README.md" for folder in FOLDERS], ids=lambda path: path.parent.name
)
def test_every_link_leads_somewhere(readme: Path):
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", readme.read_text("utf-8"))

    assert [link for link in links if not (readme.parent / link).exists()] == []


def test_the_changelog_has_the_version():
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")

    assert f"## {PROJECT['project']['version']} " in changelog


def test_every_extra_is_known_where_it_is_missed():
    """An extra that an error message tells to install exists."""
    named = {
        extra
        for path in tracked()
        if path.suffix == ".py" and "tests" not in path.parts
        for extra in re.findall(r"MissingExtraError\(\s*\"(\w+)\"", path.read_text("utf-8"))
    }

    assert named
    assert named <= PROJECT["project"]["optional-dependencies"].keys()


def test_no_file_holds_a_path_of_a_machine_or_a_key():
    pattern = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/|sk-[A-Za-z0-9-]{24,}")

    texts = ((path, path.read_text("utf-8")) for path in tracked() if path != Path(__file__))

    assert [f"{path.relative_to(ROOT)}: {found}" for path, text in texts if (found := pattern.findall(text))] == []
