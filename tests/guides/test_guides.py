"""Every migration guide does what it says, and its plan names what it does."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from support.guide import Reader, blocks_of, commands_of

GUIDES = Path(__file__).parents[2] / "migration_guides"
FOLDERS = sorted(path.parent for path in GUIDES.glob("*/guide.md"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_block_of_a_guide_works_in_order(folder: Path, reader: Reader):
    text = (folder / "guide.md").read_text("utf-8")

    assert reader.follow(text) == text.count("\n```") / 2


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_command_of_a_plan_is_run_by_its_guide_and_has_a_way_back(folder: Path):
    plan: Any = tomllib.loads((folder / "plan.toml").read_text("utf-8"))
    blocks = blocks_of((folder / plan["guide"]).read_text("utf-8"))
    run = {command.text for block in blocks if block.language == "console" for command in commands_of(block)}

    steps = plan["steps"]

    assert {step["stage"] for step in steps} == {"before", "day", "after"}
    assert [step["command"] for step in steps if step["command"] not in run] == []
    assert all(step.keys() == {"stage", "title", "command", "expect", "back"} for step in steps)
    assert [step["back"] for step in steps if step["back"].startswith("offramp") and step["back"] not in run] == []


def test_every_guide_is_in_the_list():
    listed = (GUIDES / "README.md").read_text("utf-8")

    assert FOLDERS
    assert all(f"[{folder.name}]({folder.name}/guide.md)" in listed for folder in FOLDERS)
