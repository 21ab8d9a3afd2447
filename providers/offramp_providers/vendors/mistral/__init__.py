"""Mistral: data only, in `profile.toml` and `policy.toml`."""
