"""LiteLLM is loaded once for the run, which takes seconds; where it is not installed, what needs it is skipped."""

from collections.abc import Generator

import pytest

from offramp_providers.engines.process import Lease
from offramp_providers.engines.supply_chain import installed_release


@pytest.fixture(scope="session")
def litellm() -> Generator[None]:
    """A share in the process that holds LiteLLM, so that it outlives each test's own."""
    if installed_release() is None:
        pytest.skip("the extra litellm is not installed")
    lease = Lease()
    lease.take()
    yield
    lease.give_back()
