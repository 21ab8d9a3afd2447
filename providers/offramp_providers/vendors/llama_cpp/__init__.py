"""llama.cpp: data only, in `profile.toml`."""
