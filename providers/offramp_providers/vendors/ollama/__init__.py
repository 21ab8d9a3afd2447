"""Ollama: data only, in `profile.toml`."""
