"""The documents that the rules of this folder rest on."""

from typing import Final

SDK: Final = "mistralai client-python, 2026-06-30"
SCHEMA: Final = "mistralai platform-docs-public openapi.yaml, 2026-08-21"
GLOSSARY: Final = "mistralai platform-docs-public error glossary, 2026-08-21"
CALLING: Final = "mistralai platform-docs-public function calling, 2026-08-21"
LIMITS: Final = "mistralai platform-docs-public known limitations, 2026-08-21"
UNREAD: Final = "recalled, not read"
