"""An Ollama server, by its own API: the size of the context is set by the call, and nothing is cut in silence."""
