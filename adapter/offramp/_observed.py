"""What a conformance run has seen of an endpoint, put over what is said of it.

What was refuted is believed of nobody any more, however it is claimed and however old the sight is: a vendor that has
mended it is seen again. What was proven lifts a claim that rests on less, until the day on which the sight expires.
What works and fails now and then keeps its claim, and its lapses are told with it, however old the sight is.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from offramp.contracts.capability import Capability, Requirement, Support
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.evidence import Evidence
from offramp.contracts.lapses import Lapses, LapseStanding
from offramp.errors import ConfigurationError
from offramp.json_file import read_json_object

_MEND: Final = "run `offramp conform` for this endpoint, or take `observed` away"


class _Sight(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    support: Support
    check_id: str


_Share = Annotated[float, Field(ge=0, le=1)]


class _Lapses(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    check_id: str
    broken: int = Field(ge=1)
    of: int
    interval_95: tuple[_Share, _Share]
    tolerated: _Share
    standing: LapseStanding

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        low, high = self.interval_95
        if not (self.broken <= self.of and low <= self.broken / self.of <= high):
            raise ValueError("these figures do not go together")
        return self

    def as_seen(self) -> Lapses:
        low, high = self.interval_95
        return Lapses(self.broken, self.of, low=low, high=high, tolerated=self.tolerated, standing=self.standing)


class _Observed(BaseModel):
    """The document that `offramp conform` writes."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    schema_: Literal["offramp-observed/1", "offramp-observed/2"] = Field(alias="schema")
    developer: str
    host: str
    model: str
    base_url: str
    dialect: str
    key: str
    checked: date
    expires: date
    report_sha256: str
    capabilities: Mapping[Requirement, _Sight]
    lapses: Mapping[Requirement, _Lapses] = {}
    """Not in version 1."""

    def evidence(self, check_id: str) -> Evidence:
        """What a sight of this check rests on."""
        return Evidence(level="observed", checked=self.checked, check_id=check_id, digest=self.report_sha256)


def with_observed(endpoint: Endpoint, file: Path, *, today: date | None = None) -> Endpoint:
    """The endpoint with its claims as they were seen.

    Args:
        endpoint: as configured.
        file: the document.
        today: UTC; the clock's where not given.

    Raises:
        ConfigurationError: the file cannot be read, is damaged, or is about another endpoint.
    """
    seen = _read(file)
    for name, own in _identity(endpoint).items():
        if getattr(seen, name) != own:
            raise ConfigurationError(
                f"this was seen of another endpoint: its {name} is not that of {endpoint.identity.endpoint}",
                where=str(file),
                mend=_MEND,
            )
    fresh = (today or datetime.now(UTC).date()) <= seen.expires
    claims = dict(endpoint.claims)
    for requirement, sight in seen.capabilities.items():
        if sight.support not in ("native", "emulated") or (fresh and _lifts(endpoint, requirement)):
            claims[requirement] = _claim(seen, sight, endpoint.capability(requirement))
    lapses = {name: (each.as_seen(), seen.evidence(each.check_id)) for name, each in seen.lapses.items()}
    return replace(endpoint, claims=claims, lapses=lapses)


def _lifts(endpoint: Endpoint, requirement: Requirement) -> bool:
    """Whether a proof says more than what is known: what the configuration itself denies stays denied."""
    return requirement not in endpoint.claims


def _claim(seen: _Observed, sight: _Sight, earlier: Capability | None) -> Capability:
    kept = earlier if sight.support == "native" else None
    return Capability(
        support=sight.support,
        evidence=seen.evidence(sight.check_id),
        note=kept.note if kept else None,
        limits=kept.limits if kept else None,
    )


def _identity(endpoint: Endpoint) -> dict[str, str]:
    who = endpoint.identity
    return {
        "developer": who.developer,
        "host": who.host,
        "model": who.model,
        "base_url": endpoint.base_url,
        "dialect": endpoint.profile.dialect,
    }


def _read(file: Path) -> _Observed:
    try:
        return TypeAdapter(_Observed).validate_python(read_json_object(file), strict=False)
    except ValidationError as error:
        place = ".".join(str(word) for word in error.errors(include_input=False, include_url=False)[0]["loc"])
        raise ConfigurationError(
            f"this is not what a conformance run has seen: {place}", where=str(file), mend=_MEND
        ) from error
