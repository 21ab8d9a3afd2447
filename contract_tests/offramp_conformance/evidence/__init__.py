"""A run as evidence: an in-toto statement in a signed DSSE envelope, and its check, offline."""
