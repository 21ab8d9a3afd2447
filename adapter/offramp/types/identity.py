"""Who stands behind an answer: the endpoint's identity, the origin stamped on what it produced, and selectors."""

from dataclasses import KW_ONLY
from typing import Final, Literal, TypeAlias, get_args

from offramp.errors import ConfigurationError
from offramp.types._value import value


@value
class Identity:
    """One model at one host under one agreement. Terms and prohibitions attach to any part of it."""

    _: KW_ONLY
    endpoint: str
    """The name under which the application's configuration lists it."""
    developer: str
    """Who made the model. An order naming a developer stops its models at every cloud and reseller."""
    host: str
    """Who runs the model."""
    model: str
    """The model asked for, in the host's own spelling."""
    reseller: str | None = None
    region: str | None = None
    agreement: str | None = None
    account: str | None = None


@value
class Origin:
    """Where a message or part came from. `None` in a field means: not known, and matches nothing."""

    _: KW_ONLY
    developer: str
    host: str
    dialect: str
    model: str | None = None
    """The model that the vendor says has served, not the one asked for."""
    account: str | None = None
    region: str | None = None
    response_id: str | None = None


SelectorKind: TypeAlias = Literal["developer", "host", "reseller", "model", "endpoint", "region", "agreement"]
_SELECTOR_KINDS: Final[tuple[str, ...]] = get_args(SelectorKind)


@value
class Selector:
    """One part of an identity, in one word: `developer:acme`, `host:cloud`, `endpoint:a`."""

    kind: SelectorKind
    name: str

    @classmethod
    def parse(cls, word: str) -> "Selector":
        """Read `kind:name`.

        Raises:
            ConfigurationError: the word has no known kind, or no name.
        """
        kind, colon, name = word.partition(":")
        for known in get_args(SelectorKind):
            if kind == known and colon and name and name == name.strip():
                return cls(known, name)
        raise ConfigurationError(
            f"{word!r} is not a selector",
            mend=f"write kind:name, where kind is one of {', '.join(_SELECTOR_KINDS)}; for example developer:acme",
        )

    def matches(self, identity: Identity) -> bool:
        """Whether the identity has this name in this part. Case does not protect from an order."""
        part: str | None = getattr(identity, self.kind)
        return part is not None and part.casefold() == self.name.casefold()

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"
