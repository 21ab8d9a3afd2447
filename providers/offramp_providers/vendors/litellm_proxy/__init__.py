"""LiteLLM proxy: data only, in `profile.toml`."""
