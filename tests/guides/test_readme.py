"""The README does what it says."""

import ast
import re
from pathlib import Path

from support.guide import Reader, blocks_of

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_every_block_of_the_readme_works_in_order(reader: Reader):
    assert reader.follow(README) == 4


def test_the_example_has_at_most_fifteen_lines_of_code():
    (example,) = (block.body for block in blocks_of(README) if block.language == "python")

    ast.parse(example)
    lines = [line for line in example.splitlines() if line.strip() and '"""' not in line]

    assert len(lines) <= 15


def test_every_make_target_of_the_readme_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^ +make ([a-z]+)", README, re.MULTILINE)) | {"format", "lint", "types", "build", "bench"}

    assert named <= targets
    assert {"drill", "test"} <= named


def test_every_link_of_the_readme_leads_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_what_it_is_for_stands_on_the_first_screen():
    first_screen = "\n".join(README.splitlines()[:24])

    assert "without stopping" in first_screen
    assert "make drill" in first_screen
    assert "make test" in first_screen
