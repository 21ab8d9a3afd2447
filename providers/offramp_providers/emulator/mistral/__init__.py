"""The emulated vendor that speaks Mistral chat completions."""
