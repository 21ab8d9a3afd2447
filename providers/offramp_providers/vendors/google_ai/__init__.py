"""Google AI, the Gemini Developer API: data only, in `profile.toml` and `policy.toml`."""
