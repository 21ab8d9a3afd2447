"""Amazon Bedrock: data only, in `profile.toml`."""
