"""The judge by published types sees what is wrong, and where."""

from typing import Any, Final

import pytest

from support.published import faults, judge

USER: Final = {"role": "user", "content": [{"type": "text", "text": "x"}]}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, []),
        ({"temperature": "hot"}, ["temperature: float_parsing"]),
        ({"odd": 1}, ["odd: extra_forbidden"]),
        ({"messages": [USER, {"role": "user"}]}, ["messages[].content: missing"]),
        ({"messages": [{"role": "odd", "content": "x"}]}, ["messages[]: none is 'odd'"]),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, ["messages[].content[].text: missing"]),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "x", "odd": 1}, {"type": "odd"}]}]},
            ["messages[].content[].odd: extra_forbidden", "messages[].content[]: none is 'odd'"],
        ),
        ({"stop": ["a", 1]}, ["stop[]: string_type"]),
    ],
)
def test_the_judge_names_each_deviation_by_its_place(more: dict[str, Any], told: list[str]) -> None:
    params: Any = pytest.importorskip("openai.types.chat.completion_create_params", reason="openai is not installed")
    validator = judge(params.CompletionCreateParamsNonStreaming)

    assert faults(validator, {"model": "m", "messages": [USER], **more}) == told
