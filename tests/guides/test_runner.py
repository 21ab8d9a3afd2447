"""The runner of guides fails where a guide is wrong."""

from pathlib import Path

import pytest

from support.guide import Reader, blocks_of


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    folder = tmp_path / "mission"
    folder.mkdir()
    return Reader(folder, {"PATH": "/usr/bin:/bin", "KEY": "there"}, before=lambda *_: None)


@pytest.mark.parametrize(
    "block",
    [
        "```console\n$ echo one two\none two\n```",
        "```console\n$ echo one two three\none … three\n$ echo next\nnext\n```",
        "```console\n$ export KEY=…\n$ echo $KEY\nthere\n```",
        "```console\n$ export OTHER=new\n```\n```console\n$ echo $OTHER\nnew\n```",
        "```console\n$ ls nowhere\nnowhere\n(exit code 2)\n```",
        "```console\n$ sh -c 'echo one; sleep 0.1; echo two' > log &\n$ cat log\none\n$ wait\n$ cat log\ntwo\n```",
        "```python\nprint(1)\n```",
        "```toml file=a.toml\nb.c = 1\nd = 2\n```\n```toml part-of=a.toml\n[b]\nc = 1\n```",
    ],
)
def test_what_a_guide_says_is_done(reader: Reader, block: str):
    assert reader.follow(block) == len(blocks_of(block)) > 0


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("```console\n$ echo one\ntwo\n```", "'two' does not appear"),
        ("```console\n$ echo b a\na\nb\n```", "'b' does not appear"),
        ("```console\n$ false\n```", "exit code 1, not 0"),
        ("```console\n$ true\n(exit code 1)\n```", "exit code 0, not 1"),
        ("```console\necho one\n```", "does not begin with a command"),
        ("```python\nraise ValueError\n```", "ValueError"),
        ("```\nanything\n```", "nobody runs"),
        ("```text\nanything\n```", "nobody runs"),
        ("```toml\na = 1\n```", "nobody runs"),
        ("```toml file=a.toml\na = 1\n```\n```toml part-of=a.toml\na = 2\n```", "is not what"),
        ("```console\n$ true > log &\n```", "has ended and said nothing"),
        (" ```console\n$ echo one\none\n ```", "not closed, or is indented"),
        ("```console\n$ echo one\n", "not closed, or is indented"),
    ],
)
def test_what_a_guide_says_wrongly_is_found(reader: Reader, block: str, told: str):
    with pytest.raises(AssertionError, match=told):
        reader.follow(f"\n{block}")
