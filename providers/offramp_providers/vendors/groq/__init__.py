"""Groq: data only, in `profile.toml`."""
