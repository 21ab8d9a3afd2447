"""Functions become tools, and whatever a run of one ends in is a result."""

import asyncio
import dataclasses
import json
import threading
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field, field_validator

from offramp.errors import ConfigurationError
from offramp.sessions.tools import ToolFailure, ToolFunction, run_tool, tool_from_function
from offramp.types import DataSource, Media, Text, ToolCall, ToolResult


class Place(BaseModel):
    name: str
    floor: int = 0


@dataclasses.dataclass
class Unit:
    number: int
    ready: bool = True


class Colour(StrEnum):
    RED = "red"


def units_near(
    place: Place,
    kind: Literal["car", "boat"],
    limit: int = 5,
    *,
    since: date | None = None,
    unit: Unit | None = None,
    colour: Colour = Colour.RED,
    note: Annotated[str, Field(description="Said by the type.")] = "",
) -> list[str]:
    """Units near a place,
    nearest first.

    More for people.

    Args:
        place: where to look,
            at all.
        kind (str): what to look for
        note: said by the docstring.

    Returns:
        place: not a parameter.
    """
    return [f"{place.name}/{place.floor}", kind, str(limit), type(place).__name__, str(since), str(unit), colour.value]


def call(arguments: Any = None) -> ToolCall:
    text = arguments if arguments is None or isinstance(arguments, str) else json.dumps(arguments)
    return ToolCall("id", "tool", text)


async def run(function: Any, arguments: Any = None) -> ToolResult:
    return await run_tool(tool_from_function(function), call(arguments))


def test_name_and_first_paragraph_tell_what_it_does():
    tool = tool_from_function(units_near).tool

    assert (tool.name, tool.description) == ("units_near", "Units near a place, nearest first.")
    assert tool.strict is None


def test_parameters_become_a_closed_schema():
    schema = tool_from_function(units_near).tool.schema
    assert schema is not None

    assert schema["type"] == "object"
    assert schema["required"] == ["place", "kind"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["kind"] == {
        "type": "string",
        "enum": ["car", "boat"],
        "description": "what to look for",
    }
    assert schema["properties"]["limit"] == {"type": "integer", "default": 5}
    jsonschema.Draft202012Validator.check_schema(schema)


def test_args_section_describes_parameters_and_a_type_wins_over_it():
    schema = tool_from_function(units_near).tool.schema
    assert schema is not None

    assert schema["properties"]["place"]["description"] == "where to look, at all."
    assert schema["properties"]["note"]["description"] == "Said by the type."


def test_a_deeper_line_with_a_colon_continues_its_entry():
    def find(place: str, note: str = "") -> None:
        """Find.

        Args:
            place: one of these,
                note: a whole name.
        """

    schema = tool_from_function(find).tool.schema

    assert schema is not None
    assert schema["properties"]["place"]["description"] == "one of these, note: a whole name."
    assert "description" not in schema["properties"]["note"]


def test_param_lines_describe_parameters_too():
    def find(place: str) -> None:
        """Find.

        :param str place: where to look
        """

    schema = tool_from_function(find).tool.schema

    assert schema is not None
    assert schema["properties"]["place"] == {"type": "string", "description": "where to look"}


def test_a_function_without_parameters_has_an_empty_object():
    def now() -> str:
        return "noon"

    tool = tool_from_function(now).tool

    assert tool.schema == {"type": "object", "properties": {}, "additionalProperties": False}
    assert tool.description is None


def test_name_and_description_can_be_given():
    tool = tool_from_function(units_near, name="near", description="Look.", strict=True).tool

    assert (tool.name, tool.description, tool.strict) == ("near", "Look.", True)


class Roster:
    def near(self, place: str) -> str:
        return f"near {place}"

    async def __call__(self, place: str) -> str:
        return f"called {place}"


async def test_methods_and_callable_objects_are_tools():
    assert await run(Roster().near, {"place": "x"}) == ToolResult("id", (Text("near x"),))
    assert await run(Roster(), {"place": "x"}) == ToolResult("id", (Text("called x"),))


def spread(*places: str) -> None: ...
def swallowing(**places: str) -> None: ...
def by_position(place: str, /) -> None: ...
def untyped(place) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001  # what is tested
def unknown_type(place: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821  # what is tested
def no_schema(place: threading.Lock) -> None: ...  # type: ignore[valid-type]
def no_json(place: Callable[[], int]) -> None: ...


@pytest.mark.parametrize(
    ("function", "named"),
    [
        (spread, "tool spread, parameter places"),
        (swallowing, "tool swallowing, parameter places"),
        (by_position, "tool by_position, parameter place"),
        (untyped, "tool untyped, parameter place"),
        (unknown_type, "Nowhere"),
        (no_schema, "tool no_schema"),
        (no_json, "tool no_json"),
        (lambda: None, "<lambda>"),
    ],
)
def test_what_a_schema_cannot_say_is_refused_by_name(function: Any, named: str):
    with pytest.raises(ConfigurationError, match=named):
        tool_from_function(function)


async def test_arguments_arrive_as_the_types_that_were_declared():
    result = await run(
        units_near,
        {"place": {"name": "dock"}, "kind": "boat", "since": "2026-11-23", "unit": {"number": 7}, "colour": "red"},
    )

    assert result.status == "ok"
    assert json.loads(result.parts[0].text) == [  # type: ignore[union-attr]
        "dock/0", "boat", "5", "Place", "2026-11-23", "Unit(number=7, ready=True)", "red",
    ]  # fmt: skip


async def test_async_functions_are_awaited():
    async def near(place: str) -> str:
        await asyncio.sleep(0)
        return place

    assert await run(near, {"place": "x"}) == ToolResult("id", (Text("x"),))


async def test_plain_functions_run_in_a_thread():
    def where() -> str:
        return threading.current_thread().name

    assert await run(where) != ToolResult("id", (Text(threading.current_thread().name),))


@pytest.mark.parametrize("arguments", [None, "", "{}"])
async def test_no_arguments_are_no_arguments(arguments: str | None):
    def now() -> str:
        return "noon"

    assert (await run(now, arguments)).status == "ok"


@pytest.mark.parametrize(
    "arguments",
    [
        '{"place": ',
        "[1]",
        '"x"',
        "null",
        {},
        {"place": 5, "number": 1},
        {"place": "x", "number": "1"},
        {"place": "x", "number": 1.5},
        {"place": "x", "number": True},
        {"place": "x", "number": 1, "colour": "red"},
    ],
    ids=str,
)
async def test_arguments_that_do_not_fit_are_a_result_and_nothing_runs(arguments: Any):
    runs: list[str] = []

    def near(place: str, number: int) -> str:
        runs.append(place)
        return place

    result = await run(near, arguments)

    assert result.status == "error"
    assert "the tool did not run" in result.parts[0].text  # type: ignore[union-attr]
    assert runs == []


async def test_the_model_is_told_which_argument_is_wrong():
    result = await run(units_near, {"place": {"name": 3}, "kind": "plane"})

    assert "place.name: Input should be a valid string; kind: Input should be 'car' or 'boat'" in result.parts[0].text  # type: ignore[union-attr]


class Guarded(BaseModel):
    name: str

    @field_validator("name")
    @classmethod
    def known(cls, name: str) -> str:  # noqa: ARG003  # pydantic passes it
        raise ValueError("not on the roster: secret-agent")


async def test_what_a_validator_says_stays_here():
    def near(place: Guarded) -> str:
        return place.name

    result = await run(near, {"place": {"name": "x"}})

    assert "place.name: not accepted" in result.parts[0].text  # type: ignore[union-attr]
    assert "secret" not in repr(result)


async def test_of_an_exception_the_model_learns_the_type_only():
    def near() -> str:
        raise LookupError("password is secret")

    result = await run(near)

    assert result == ToolResult("id", (Text("The tool failed (LookupError)."),), status="error")


async def test_a_tool_failure_speaks_to_the_model():
    async def near() -> str:
        raise ToolFailure("the roster is closed until noon")

    assert await run(near) == ToolResult("id", (Text("the roster is closed until noon"),), status="error")


async def test_a_stop_iteration_is_a_failure_like_others():
    def near() -> str:
        raise StopIteration

    assert (await asyncio.wait_for(run(near), 5)).status == "error"


async def test_cancellation_passes_through():
    async def near() -> str:
        await asyncio.Event().wait()
        return ""

    running = asyncio.create_task(run(near))
    await asyncio.sleep(0)
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running


PICTURE = Media(DataSource("aGk="), kind="image", media_type="image/png")


@pytest.mark.parametrize(
    ("output", "parts"),
    [
        ("text", (Text("text"),)),
        (None, (Text("null"),)),
        (7, (Text("7"),)),
        (["a", "b"], (Text('["a","b"]'),)),
        ([], (Text("[]"),)),
        ({"a": 1}, (Text('{"a":1}'),)),
        (Place(name="x"), (Text('{"name":"x","floor":0}'),)),
        ([Unit(7)], (Text('[{"number":7,"ready":true}]'),)),
        (PICTURE, (PICTURE,)),
        ([Text("see"), PICTURE], (Text("see"), PICTURE)),
    ],
    ids=repr,
)
async def test_results_become_parts(output: Any, parts: Any):
    def near() -> Any:
        return output

    assert await run(near) == ToolResult("id", parts)


@pytest.mark.parametrize("output", [object(), ["\ud800"]], ids=["object", "half a character"])
async def test_a_result_that_is_no_json_is_an_error(output: Any):
    def near() -> Any:
        return output

    assert (await run(near)).status == "error"


def test_a_tool_function_is_made_once_for_many_runs():
    made = tool_from_function(units_near)

    assert isinstance(made, ToolFunction)
    assert made.call is units_near
