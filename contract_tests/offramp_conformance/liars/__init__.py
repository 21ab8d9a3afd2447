"""Vendors that lie, each in one known way, and honest ones beside them: what the suite of checks is tested with."""
