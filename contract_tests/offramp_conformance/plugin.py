"""The checks as pytest items: `pytest --pyargs offramp_conformance --offramp-endpoint a`.

Loaded by every pytest where Offramp is installed, so it imports nothing of the suite before it is used.
"""

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offramp_conformance.change import OfframpChange
    from offramp_conformance.items import ItemRun

_OPTIONS: Final = (
    ("config", "offramp.toml", "The configuration."),
    ("endpoint", None, "The endpoint that is checked."),
    ("mission", None, "Under whose contract and policy. Default: the first with the endpoint on its route."),
    ("level", "contract", "core, contract or full."),
    ("tries", "3", "How often each check is tried."),
    ("baseline", None, "File of known gaps."),
    ("old", None, "The endpoint that is left, for `offramp_change`."),
    ("new", None, "The endpoint that is taken up, for `offramp_change`."),
    ("golden", None, "The golden set, for `offramp_change.parity`."),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("offramp", "conformance of model endpoints")
    for name, default, told in _OPTIONS:
        group.addoption(f"--offramp-{name}", default=default, help=told)


@pytest.fixture(scope="session")
def offramp_run(pytestconfig: pytest.Config) -> "Iterator[ItemRun]":
    """The endpoint of the options, asked check by check."""
    from offramp_conformance.items import opened_run

    with opened_run(pytestconfig) as run:
        yield run


@pytest.fixture(scope="session")
def offramp_change(pytestconfig: pytest.Config) -> "OfframpChange":
    """The change from `--offramp-old` to `--offramp-new`. Without these options a test that takes it is skipped."""
    old, new = pytestconfig.getoption("--offramp-old"), pytestconfig.getoption("--offramp-new")
    if old is None or new is None:
        pytest.skip("give --offramp-old and --offramp-new")
    from offramp_conformance.items import change_of

    return change_of(pytestconfig, str(old), str(new))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item a check, for tests that take `offramp_check`."""
    if "offramp_check" not in metafunc.fixturenames:
        return
    from offramp_conformance.items import selected

    checks = selected(metafunc.config)
    metafunc.parametrize("offramp_check", checks, ids=[each.id for each in checks])
