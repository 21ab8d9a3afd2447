"""The order, given by the same command that an operator types, in a process of its own."""

import asyncio
import json
from contextlib import closing

from offramp.config import Config
from offramp.state import open_store, wait_for_replicas
from offramp.types import JsonObject
from offramp_conformance.drill.children import Children, DrillFailed
from offramp_conformance.drill.evidence import SeenOrder
from offramp_conformance.drill.scenario import Deployment

_WAIT_S = 20.0
_OBEY_S = 8.0


async def give_order(children: Children, deployment: Deployment, selector: str) -> JsonObject:
    """Run `offramp prohibit`; it returns when every replica has acknowledged, or none answers any more.

    Raises:
        DrillFailed: the order could not be given.
    """
    process = await children.start(
        "offramp_conformance.drill.cli",
        ["prohibit", selector, "--reason", "DRILL", "--config", str(deployment.config), "--json"],
    )
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), _WAIT_S)
        content: JsonObject = json.loads(printed)
    except (TimeoutError, ValueError) as error:
        raise DrillFailed(f"the order could not be given: {children.last_words(process)}") from error
    return content


def wait_until_obeyed(config: Config) -> None:
    """Wait until every replica has acknowledged the order that comes next, or the time for it is over.

    It watches the state itself, since the command's process takes its time to end.
    """
    with closing(open_store(config.state, base=config.folder)) as store:
        wait_for_replicas(store, store.read().epoch + 1, timeout_s=_OBEY_S)


def seen_order(printed: JsonObject, *, stop_s: float) -> SeenOrder:
    """The order as printed.

    Args:
        printed: the command's JSON.
        stop_s: when the first vendor's counters were read.
    """
    order, replicas = printed["order"], printed["replicas"]
    moments = [one["acknowledged_monotonic_s"] for one in replicas if one["obedience"] == "acknowledged"]
    whole = bool(replicas) and len(moments) == len(replicas)
    return SeenOrder(
        id=order["id"],
        selector=order["selector"],
        committed_s=order["committed_monotonic_s"],
        acknowledged=len(moments),
        replicas=len(replicas),
        acknowledged_s=max(moments) if whole else None,
        stop_s=stop_s,
    )
