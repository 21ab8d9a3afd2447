"""Numbers on the command line of the programs beside `offramp`, for `argparse`."""

import argparse


def at_least_one(text: str) -> int:
    """A count of something that is done. Raises argparse.ArgumentTypeError."""
    return _at_least(1, text)


def none_or_more(text: str) -> int:
    """A count of something that may be left out. Raises argparse.ArgumentTypeError."""
    return _at_least(0, text)


def _at_least(lowest: int, text: str) -> int:
    if not text.isdecimal() or int(text) < lowest:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of at least {lowest}")
    return int(text)
