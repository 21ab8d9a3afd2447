"""Every dialect that is installed is held to account."""

from importlib.metadata import entry_points
from pathlib import Path

from offramp_conformance.accounting.dialects import SPOKEN


def test_every_installed_dialect_has_an_entry_with_what_was_reviewed_about_it():
    installed = entry_points(group="offramp.dialects").names

    assert installed - set(SPOKEN) == set(), "add offramp_conformance/accounting/dialects/NAME.py"


def test_no_entry_stands_where_nothing_reads_it():
    stray = Path(__file__).parents[1] / "support" / "dialects"

    assert not stray.exists(), "entries stand in contract_tests/offramp_conformance/accounting/dialects"
