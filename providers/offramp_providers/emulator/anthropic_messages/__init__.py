"""The emulated side of Anthropic Messages: what it refuses, how it reads, what it answers."""
