"""Every dialect that is installed is held to account."""

from importlib.metadata import entry_points

from offramp_conformance.accounting.dialects import SPOKEN


def test_every_installed_dialect_has_an_entry_with_what_was_reviewed_about_it():
    installed = entry_points(group="offramp.dialects").names

    assert installed == set(SPOKEN), "add offramp_conformance/accounting/dialects/NAME.py"
