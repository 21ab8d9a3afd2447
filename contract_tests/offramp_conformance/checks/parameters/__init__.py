"""Settings of a request: enforced, ignored or rejected, as found by probing. An observation says which."""
