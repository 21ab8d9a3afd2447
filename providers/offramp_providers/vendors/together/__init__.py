"""Together AI: data only, in `profile.toml`."""
