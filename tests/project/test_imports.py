"""The public modules import, and the canonical model is complete."""

from offramp import types


def test_every_name_that_types_exports_exists():
    missing = [name for name in types.__all__ if not hasattr(types, name)]

    assert missing == []
