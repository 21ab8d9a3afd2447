"""Claude on Amazon Bedrock, in its own dialect: data only, in `profile.toml`."""
