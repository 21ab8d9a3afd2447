"""What checks say, in plain English that any model follows. One wording for one wish, so that answers can be judged."""

from typing import Final

from pydantic_core import to_json

RECALL: Final = "What is the code word? Reply with the code word and nothing else."
"""Follows `code_word` somewhere in what was said before."""

RECALL_FIRST: Final = "Which code word did I give you first? Reply with that code word and nothing else."
"""Follows several of them."""

RECALL_LAST: Final = "Which code word did I give you last? Reply with that code word and nothing else."

RECALL_ALL: Final = (
    "What are all the code words? Reply with the code words separated by single spaces, and nothing else."
)

IMPROVISE: Final = "Make up a sentence of twenty random words. Reply with the sentence and nothing else."
"""The answer is another one each time, unless a setting forbids it."""


def say(text: str) -> str:
    """The answer holds this text."""
    return f"Reply with exactly the following text and nothing else: {text}"


def count_up(last: int) -> str:
    """The answer is `1 2 3 …`."""
    return f"Count from 1 to {last}. Write the numbers separated by single spaces, and nothing else."


def repeat(word: str, times: int) -> str:
    """The answer is the word, over and over."""
    return f"Write the word {word} {times} times. Separate the words by single spaces, and write nothing else."


def code_word(word: str) -> str:
    """A fact to be recalled later."""
    return f"The code word is {word}."


def essay(topic: str) -> str:
    """The answer is several hundred words long."""
    return f"Write a text of at least 400 words about {topic}."


def call_tool(name: str, **arguments: object) -> str:
    """The answer calls the tool with these arguments."""
    return f"Call the tool {name} with exactly these arguments: {to_json(arguments).decode()}"


def fill_in(**fields: object) -> str:
    """The answer is JSON with these fields."""
    return f"Reply with a JSON object that has exactly these fields: {to_json(fields).decode()}"


def result_of(name: str, **arguments: object) -> str:
    """The answer is what the tool gave back to that call. Follows the results."""
    called = f" with the arguments {to_json(arguments).decode()}" if arguments else ""
    return f"What did the tool {name} give back when it was called{called}? Reply with that text and nothing else."


WHICH_FAILED: Final = "One of the tools has failed. Which one? Reply with the name of that tool and nothing else."
"""Follows the results of several tools."""

COLOURS: Final = "Which colour fills each image, in order? Reply with one English word for each, and nothing else."
