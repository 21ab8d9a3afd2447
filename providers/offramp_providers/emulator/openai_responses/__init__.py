"""The emulated side of OpenAI Responses: what it refuses, how it reads, what it answers."""
