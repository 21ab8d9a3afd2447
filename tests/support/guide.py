"""Runs a guide as its reader would: every block, in order, in one folder.

```console        commands after `$ `, each followed by what must appear in its output, line by line. `…` stands for
                  anything. `(exit code N)` as the last line: it must end so. After `command > FILE &` the reader goes
                  on when FILE has content; `wait` is as in a shell. What is exported stays exported; `export NAME=…`
                  leaves a value that is there.
```python file=F  is written to F, for a command to run. Without `file` it is run where it stands.
```toml file=F    is written to F.
```toml part-of=F must be part of what F says.

A block of any other kind is an error: nothing in a guide is unproven.
"""

import re
import shlex
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BLOCK = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_LONGEST_S = 60


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    language: str
    options: dict[str, str]
    body: str
    line: int

    @property
    def name(self) -> str:
        return f"line {self.line}, {self.language}"


@dataclass(frozen=True)
class Command:
    """A command with what must appear in its output."""

    text: str
    expected: tuple[str, ...]
    exit_code: int


def blocks_of(text: str) -> list[Block]:
    """All fenced blocks, in order."""
    found: list[Block] = []
    for match in _BLOCK.finditer(text):
        language, *words = match["info"].split() or [""]
        options = dict(word.split("=", 1) for word in words)
        found.append(Block(language, options, match["body"], text.count("\n", 0, match.start()) + 1))
    fences = sum(line.lstrip().startswith("```") for line in text.split("\n"))
    assert fences == 2 * len(found), "a fence is not closed, or is indented"
    return found


def commands_of(block: Block) -> Iterator[Command]:
    """The commands of a console block."""
    assert block.body.startswith("$ "), f"{block.name} does not begin with a command"
    for part in re.split(r"^\$ ", block.body, flags=re.MULTILINE)[1:]:
        text, *expected = [line.rstrip() for line in part.strip("\n").split("\n")]
        while text.endswith("\\"):
            text = f"{text[:-1]}{expected.pop(0).strip()}"
        code = 0
        if expected and (ending := re.fullmatch(r"\(exit code (\d+)\)", expected[-1])):
            code = int(ending[1])
            expected.pop()
        yield Command(text, tuple(line for line in expected if line), code)


class Reader:
    """Somebody who follows a guide in a folder.

    Args:
        folder: empty.
        environment: as the reader's shell has it.
        before: called with each command before it runs, such as to point new files at emulators.
    """

    def __init__(self, folder: Path, environment: dict[str, str], *, before: Callable[[Path, str], None]) -> None:
        self.folder = folder
        self._before = before
        self._state = folder.with_name(f"{folder.name}.environment")
        self._environment = {**environment, "COLUMNS": "160"}
        self._state.write_text("")
        self._jobs: list[subprocess.Popen[bytes]] = []

    def close(self) -> None:
        """End what still runs in the background."""
        for job in self._jobs:
            job.kill()
            job.wait()

    def follow(self, text: str) -> int:
        """Run all blocks; the number of those. AssertionError names the first that does not do what it says."""
        blocks = blocks_of(text)
        for block in blocks:
            self._run(block)
        return len(blocks)

    def _run(self, block: Block) -> None:
        match block.language, sorted(block.options):
            case "console", []:
                for command in commands_of(block):
                    self._command(command, block)
            case (("python" | "toml"), ["file"]):
                (self.folder / block.options["file"]).write_text(block.body)
            case "python", []:
                self._script(block)
            case "toml", ["part-of"]:
                whole = tomllib.loads((self.folder / block.options["part-of"]).read_text())
                assert is_part(tomllib.loads(block.body), whole), f"{block.name} is not what {block.options} says"
            case _:
                raise AssertionError(f"nobody runs {block.name} {block.options}: it proves nothing")

    def _script(self, block: Block) -> None:
        self._before(self.folder, "python")
        ran = self._bash(f"{shlex.quote(sys.executable)} -W error - <<'PYTHON'\n{block.body}\nPYTHON")
        assert ran.returncode == 0, f"{block.name} fails:\n{ran.stdout}"

    def _command(self, command: Command, block: Block) -> None:
        self._before(self.folder, command.text)
        if background := re.fullmatch(r"(.*) > *(\S+) *&", command.text):
            return self._in_background(background[1], self.folder / background[2])
        if command.text == "wait":
            for job in self._jobs:
                job.wait(_LONGEST_S)
            return None
        ran = self._bash(_with_values_kept(command.text))
        said = f"{block.name}: $ {command.text}\n{ran.stdout}"
        assert ran.returncode == command.exit_code, f"exit code {ran.returncode}, not {command.exit_code}, of {said}"
        rest = ran.stdout
        for line in command.expected:
            pieces = [re.escape(piece.strip()) for piece in _squeezed(line).split("…")]
            found = re.search(".*?".join(pieces), _squeezed(rest), re.DOTALL)
            assert found, f"{line!r} does not appear in {said}"
            rest = _squeezed(rest)[found.end() :]
        return None

    def _in_background(self, command: str, file: Path) -> None:
        script = f"source {shlex.quote(str(self._state))}\nexec {command}"
        with file.open("wb") as log:
            job = subprocess.Popen(
                ["bash", "-c", script], cwd=self.folder, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        self._jobs.append(job)
        until = time.monotonic() + _LONGEST_S
        while not file.stat().st_size:
            assert job.poll() is None, f"{command} has ended and said nothing"
            assert time.monotonic() < until, f"{command} says nothing"
            time.sleep(0.02)

    def _bash(self, command: str) -> subprocess.CompletedProcess[str]:
        """In a shell that has what earlier ones exported."""
        state = shlex.quote(str(self._state))
        script = f"exec 2>&1\nsource {state}\n{command}\ncode=$?\nexport -p > {state}\nexit $code\n"
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=_LONGEST_S,
            check=False,
        )


def _squeezed(text: str) -> str:
    """Without the borders and the padding of tables."""
    return " ".join(re.sub(r"[│┃╇┡┩┏┓┗┛┳┻━─┴┬├┤┼└┘┌┐╭╮╰╯]", " ", text).split())


def _with_values_kept(command: str) -> str:
    """`export NAME=…` is for a person to fill in; here the value is there already."""
    return re.sub(r"^export (\w+)=…", r'export \1="${\1:?}"', command)


def is_part(part: Any, whole: Any) -> bool:
    """Whether all that the part says, the whole says too."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and is_part(each, whole[key]) for key, each in part.items())
    return bool(part == whole)
