"""SGLang: data only, in `profile.toml`."""
