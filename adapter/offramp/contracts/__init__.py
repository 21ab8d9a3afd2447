"""Floor 1: Protocols, and the claims that checks prove or refute."""
