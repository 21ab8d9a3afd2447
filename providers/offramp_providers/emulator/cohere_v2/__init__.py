"""An emulated vendor that speaks Cohere's Chat API, version 2."""
