"""The emulated side of OpenAI Chat Completions: what it refuses, how it reads, what it answers."""
