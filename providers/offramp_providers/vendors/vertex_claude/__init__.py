"""Claude on Google Cloud: data only, in `profile.toml`."""
