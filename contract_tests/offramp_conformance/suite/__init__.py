"""What a check is, what it may do to an endpoint, and how many of them are run and judged."""
