"""LiteLLM's table of models as a seed: read from the installed package's own file, without importing it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Final

from offramp.contracts.evidence import Evidence
from offramp.contracts.seed import ModelSeed
from offramp.errors import ProviderError
from offramp.types import JsonObject
from offramp_providers.dialects.shapes import is_object
from offramp_providers.engines.supply_chain import Release, installed_release
from offramp_providers.wire_json import decode_json

_FILE: Final = Path("litellm") / "model_prices_and_context_window_backup.json"

_PROVIDERS: Final[Mapping[str, tuple[str, ...]]] = {
    # Our vendors by LiteLLM's words for them, where those differ (litellm 1.110.2, read 2026-11-26).
    "azure-openai": ("azure",),
    "bedrock": ("bedrock_converse", "bedrock"),
    "cohere": ("cohere_chat", "cohere"),
    "google-ai": ("gemini",),
    "together": ("together_ai",),
    "vertex": ("vertex_ai-language-models", "vertex_ai"),
}


def seed(vendor: str, model: str) -> ModelSeed | None:
    """LiteLLM's line on a vendor's model; of the vendor `litellm` the model is in LiteLLM's own spelling."""
    release = installed_release()
    if release is None:
        return None
    table = _read(release.site / _FILE)
    for key, provider in _keys(vendor, model):
        line = table.get(key)
        if is_object(line) and line.get("litellm_provider") == provider:
            return _seed(line, release)
    return None


def _keys(vendor: str, model: str) -> Iterator[tuple[str, str]]:
    """Where the line may stand, with the provider that it must be about."""
    if vendor == "litellm":
        provider, _, rest = model.partition("/")
        names = [(provider, rest)]
    else:
        names = [(provider, model) for provider in _PROVIDERS.get(vendor, (vendor,))]
    for provider, name in names:
        yield f"{provider}/{name}", provider
        yield name, provider


@cache
def _read(path: Path) -> JsonObject:
    """The whole table; empty where it is not there, or not what it was."""
    try:
        table = decode_json(path.read_bytes())
    except (OSError, ProviderError):
        return {}
    return table if is_object(table) else {}


def _seed(line: JsonObject, release: Release) -> ModelSeed:
    cited: Any = line.get("source")
    source = f"litellm {release.version}, its table of models" + (f"; it cites {cited}" if cited else "")
    return ModelSeed(
        evidence=Evidence(level="unverified", checked=_installed_on(release), source=source),
        context_tokens=_count(line.get("max_input_tokens")),
        max_output_tokens=_count(line.get("max_output_tokens")),
        input_usd=_price(line.get("input_cost_per_token")),
        output_usd=_price(line.get("output_cost_per_token")),
        retires=_day(line.get("deprecation_date")),
    )


def _installed_on(release: Release) -> date:
    """The day on which this copy of the table came to this machine."""
    return datetime.fromtimestamp((release.site / _FILE).stat().st_mtime, UTC).date()


def _count(found: Any) -> int | None:
    return found if type(found) is int and found > 0 else None


def _price(found: Any) -> Decimal | None:
    """Dollars for a million tokens. The table writes 0 for free, for flat rates and for unknown alike."""
    if isinstance(found, bool) or not isinstance(found, (int, float, str)):
        return None
    try:
        price = Decimal(str(found)) * 1_000_000
    except InvalidOperation:
        return None
    return price.normalize() if price.is_finite() and price > 0 else None


def _day(found: Any) -> date | None:
    try:
        return date.fromisoformat(found)
    except (TypeError, ValueError):
        return None
