"""The documents that the rules of this folder rest on."""

from typing import Final

SDK: Final = "anthropic-sdk-python 0.121.0, 2026-08-07"
LATER_SDK: Final = "anthropic-sdk-python 2.14.0, whose types have no such setting, read 2026-11-26"
SKILL: Final = "anthropics/skills claude-api, 2026-07-01"
ERRORS: Final = "platform.claude.com api/errors, read 2026-11-23"
SCHEMA: Final = "Anthropic OpenAPI description, snapshot August 2026"
UNREAD: Final = "recalled, not read"
