"""OpenRouter: data only, in `profile.toml`."""
