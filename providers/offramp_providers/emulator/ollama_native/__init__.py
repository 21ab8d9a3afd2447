"""The emulated vendor that speaks Ollama's own API."""
