"""A vendor whose key was taken away with it does not stand in the way of the next one."""

from pathlib import Path
from typing import Any

import pytest

from offramp import AsyncClient, ConfigurationError, load_config
from offramp.contracts.state import OrderDraft
from offramp.state import open_store
from offramp.types import Selector
from support.deployment import write_deployment

KEY = 'key.env = "KEY_THAT_WAS_TAKEN_AWAY"'


async def test_a_prohibited_endpoint_without_its_key_is_passed_over(tmp_path: Path, vendor_of: Any, answer: Any):
    path = write_deployment(tmp_path, a=KEY, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    b = vendor_of(path, "b", [answer("from b")])
    prohibit(tmp_path)

    async with AsyncClient(load_config(path), providers={"b": b}) as client:
        response = await client.mission("triage").generate("x")

    assert response.text == "from b"


async def test_a_missing_key_of_an_endpoint_in_use_is_named(tmp_path: Path, vendor_of: Any):
    path = write_deployment(tmp_path, a=KEY, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    b = vendor_of(path, "b", [])

    async with AsyncClient(load_config(path), providers={"b": b}) as client:
        with pytest.raises(ConfigurationError, match="KEY_THAT_WAS_TAKEN_AWAY"):
            await client.mission("triage").generate("x")


def prohibit(folder: Path) -> None:
    """The order stands before the client opens."""
    store = open_store("sqlite:state.db", base=folder)
    store.commit(OrderDraft(selector=Selector.parse("developer:acme"), state="prohibited", reason="r", by="ann"))
    store.close()
