"""The documents that the rules of this folder rest on."""

from typing import Final

OPENAPI: Final = "cohere-ai/cohere-developer-experience cohere-openapi.yaml of 2026-08-20, read 2026-11-26"
ERRORS: Final = "docs.cohere.com, errors, read 2026-11-26"
STRUCTURED: Final = "docs.cohere.com, structured outputs, read 2026-11-26"
UNREAD: Final = "recalled, not read"
