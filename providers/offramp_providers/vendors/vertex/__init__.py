"""Gemini on Google Cloud: data only, in `profile.toml`."""
