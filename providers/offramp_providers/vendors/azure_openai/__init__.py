"""Azure OpenAI: data only, in `profile.toml`."""
