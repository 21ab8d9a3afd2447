"""vLLM: data only, in `profile.toml`."""
