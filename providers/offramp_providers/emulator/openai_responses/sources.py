"""The documents that the rules of this folder rest on."""

from typing import Final

SDK: Final = "openai-python 3.3.1, 2026-08-21"
SCHEMA: Final = "openai-openapi 2.3.0, 2026-08-21"
THIRD: Final = "issues openai/codex 3573 and 17541, pydantic-ai PR 6289, read 2026-11-23"
UNREAD: Final = "recalled, not read"
