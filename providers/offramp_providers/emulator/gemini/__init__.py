"""The emulated side of Gemini's `generateContent`: what it refuses, how it reads, what it answers."""
