"""Errors: each class provoked where it can be, by a request that no client of ours would send."""
