"""Cohere: data only, in `profile.toml`."""
