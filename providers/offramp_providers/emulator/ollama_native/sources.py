"""The documents that the rules of this folder rest on."""

from typing import Final

TYPES: Final = "ollama/ollama api/types.go at 043e9900, read 2026-11-26"
ROUTES: Final = "ollama/ollama server/routes.go at 00188139, read 2026-11-26"
SCHEMA: Final = "ollama/ollama docs/openapi.yaml at 017eb8ae, read 2026-11-26"
MEASURED: Final = "a third party's measurement of Ollama 0.33.3 of 2026-10-01, read 2026-11-26"
