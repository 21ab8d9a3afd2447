"""Holds dialects to account: what a value loses on the way through a wire, and whether a loss names it.

The accountant shares nothing with the codecs. `dialects/` holds what was reviewed about each wire.
"""
