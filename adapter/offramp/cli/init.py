"""`offramp init`: a first configuration, a plain mission's declaration and its approval, with comments."""

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer

from offramp.catalog import load_profile, policy_text, vendor_names
from offramp.cli._ending import naming
from offramp.cli._output import console
from offramp.contracts.profile import VendorProfile
from offramp.errors import ConfigurationError
from offramp.policy.plain import plain_declaration, plain_organisation
from offramp.toml_writing import toml_value
from offramp.types import value

_CONFIGURATION: Final = """\
# Which models there are, which missions use them, and which policy, state and ledger hold. Paths start at this file.
schema = 1

# Orders are kept here (`offramp prohibit developer:NAME`). All processes of one deployment share it.
state = "sqlite:state.db"

# Who allows what. The floor that ships with Offramp and the vendors' own terms hold in any case.
policy = ["organisation.toml"]

# The decision log: who was asked, when and on what ground; never what was said.
audit = "audit"

[ledger]
url = "sqlite:ledger.db"  # our own copy of conversations. It holds content: keep it as safe as that
# retention_days = 90     # erase conversations that were not touched for so long
"""

_ENDPOINT: Final = """
[endpoints.{name}]
vendor = {vendor}
model = {model}
"""

_BASE_URL: Final = """\
base_url = {url}
"""

_PLACE: Final = """\
# {place} = "…"  # yours: fill it in
"""

_KEY: Final = """\
key.env = {variable}  # read at the moment of use; or key.file = "PATH"
"""

_MISSION: Final = """
[missions.{mission}]
declaration = {declaration}  # what it is for: policy reads nothing else
route = {route}  # in order of preference; the next one takes over where the first may not or cannot answer
requires = []                # such as ["tools.parallel", "structured_output"]: checked before anything is sent
max_loss = "behavioural"     # cosmetic, behavioural, material: what may be lost on the way to another vendor
"""

_ORGANISATION: Final = "organisation.toml"


@value
class Choice:
    """One endpoint of the first configuration; it bears its vendor's name."""

    profile: VendorProfile
    model: str
    base_url: str | None = None
    """Where it is reached instead of the profile's address."""

    @property
    def name(self) -> str:
        """Of the endpoint."""
        return self.profile.vendor

    @property
    def places(self) -> tuple[str, ...]:
        """What only the customer knows: of the address, whose host it is, and who made the model."""
        open_places = re.findall(r"\{(\w+)\}", self.base_url or self.profile.base_url)
        given = [each if each in ("region", "account") else "base_url" for each in open_places]
        facts = self.profile.facts_of(self.model)
        developer = self.profile.developer or (facts.developer if facts else None)
        whose = [name for name, known in (("host", self.profile.host), ("developer", developer)) if known is None]
        return tuple(dict.fromkeys([*given, *whose]))

    @property
    def key_variable(self) -> str | None:
        """The environment variable of its key; None where its vendor asks for none."""
        if self.profile.auth in ("none", "bearer-optional"):
            return None
        return self.profile.key_variable or f"{self.name.upper().replace('-', '_')}_API_KEY"

    @property
    def has_key(self) -> bool:
        """Whether that variable is set."""
        return bool(os.environ.get(self.key_variable or ""))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write. It is made where it does not exist.")] = Path(),
    *,
    vendor: Annotated[
        list[str] | None,
        typer.Option(
            "--vendor", help="NAME or NAME:MODEL; again for a second one. Default: two, those first whose key is set."
        ),
    ] = None,
    base_url: Annotated[
        list[str] | None,
        typer.Option("--base-url", help="NAME=URL: where a vendor is reached instead, such as an emulator."),
    ] = None,
    mission: Annotated[str, typer.Option("--mission", help="The first mission's name.")] = "plain",
) -> None:
    """Write a first offramp.toml with comments, a plain mission and its approval. Nothing is overwritten."""
    choices = [choice_of(word) for word in vendor] if vendor else _first_choices()
    choices = _placed(_distinct(choices), base_url or [])
    files = first_files(choices, mission=_named(mission), on=datetime.now(UTC).date())
    write_new(folder, files)
    out = console()
    for name in files:
        out.print(f"wrote {folder / name}")
    if not vendor:
        out.print("no vendor was named, so it begins with (for others: --vendor NAME; `offramp vendors` lists them)")
        for choice in choices:
            out.print(f"  {choice.name}: {_why(choice)}")
    out.print("next:")
    for choice in choices:
        if choice.places:
            out.print(f"  fill in {' and '.join(choice.places)} of {choice.name} in {folder / 'offramp.toml'}")
    for variable in dict.fromkeys(choice.key_variable for choice in choices if choice.key_variable):
        out.print(f"  export {variable}=…" + ("   (is set)" if os.environ.get(variable) else ""))
    config = folder / "offramp.toml"
    out.print("  offramp check" if folder == Path() else f"  offramp check --config {config}")


def choice_of(word: str) -> Choice:
    """An endpoint of `NAME` or `NAME:MODEL`.

    Raises:
        ConfigurationError: there is no such vendor, or its profile lists no model that is not about to end.
    """
    name, _, model = word.partition(":")
    profile = load_profile(name)
    lasting = _lasting(profile)
    if not model and not lasting:
        raise ConfigurationError(
            f"the profile of {name!r} lists no model to begin with", where="--vendor", mend=f"name one: {name}:MODEL"
        )
    return Choice(profile, model or lasting[0])


def _lasting(profile: VendorProfile) -> list[str]:
    return [each for each, facts in profile.models.items() if not (facts.deprecated or facts.retires)]


def _first_choices() -> list[Choice]:
    """Two vendors that need no more than a key: those whose key is at hand, then those whose profile says why."""
    ready = [choice_of(name) for name in vendor_names() if _is_ready(name)]
    return sorted(ready, key=lambda one: (not one.has_key, one.profile.first_choice is None))[:2]


def _why(choice: Choice) -> str:
    if choice.has_key:
        return f"{choice.key_variable} is set"
    return choice.profile.first_choice or "its terms are known, and it needs no more than a key"


def _is_ready(vendor: str) -> bool:
    """Whether its terms ship, and nothing of its profile waits for a customer's own words."""
    profile = load_profile(vendor)
    whole = profile.developer is not None and profile.host is not None and "{" not in profile.base_url
    return whole and bool(_lasting(profile)) and policy_text(vendor) is not None


def _distinct(choices: list[Choice]) -> list[Choice]:
    names = [choice.name for choice in choices]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(
                f"{name!r} is named twice", where="--vendor", mend="name it once, and add [endpoints.…] by hand"
            )
    return choices


def _placed(choices: list[Choice], words: Sequence[str]) -> list[Choice]:
    """The choices with the addresses that `NAME=URL` gives them."""
    addresses = {name: url for name, _, url in (word.partition("=") for word in words)}
    for name, url in addresses.items():
        parts = urlsplit(url)
        if (
            name not in [choice.name for choice in choices]
            or parts.scheme not in ("http", "https")
            or not parts.hostname
        ):
            raise ConfigurationError(
                f"{name}={url} is no address of a vendor that is chosen",
                where="--base-url",
                mend="write NAME=https://host",
            )
    return [replace(choice, base_url=addresses.get(choice.name)) for choice in choices]


def _named(mission: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", mission):
        raise ConfigurationError(
            f"{mission!r} is not a mission's name", where="--mission", mend="use letters, digits, - and _"
        )
    return mission


def first_files(choices: Sequence[Choice], *, mission: str, on: date) -> dict[str, str]:
    """The files by name, with their text."""
    declaration = f"{mission}.toml"
    if declaration in ("offramp.toml", _ORGANISATION):
        declaration = f"{mission}-mission.toml"
    return {
        "offramp.toml": _configuration(choices, mission, declaration),
        declaration: plain_declaration(mission, on=on),
        _ORGANISATION: plain_organisation(
            [mission], endpoints=[f"endpoint:{one.name}" for one in choices], on=on, allow_unreviewed=True
        ),
    }


def _configuration(choices: Sequence[Choice], mission: str, declaration: str) -> str:
    blocks = [_CONFIGURATION]
    for choice in choices:
        blocks.append(
            _ENDPOINT.format(name=choice.name, vendor=toml_value(choice.profile.vendor), model=toml_value(choice.model))
        )
        if choice.base_url:
            blocks.append(_BASE_URL.format(url=toml_value(choice.base_url)))
        blocks += [_PLACE.format(place=place) for place in choice.places]
        if choice.key_variable:
            blocks.append(_KEY.format(variable=toml_value(choice.key_variable)))
    route = toml_value([choice.name for choice in choices])
    blocks.append(_MISSION.format(mission=mission, declaration=toml_value(declaration), route=route))
    return "".join(blocks)


def write_new(folder: Path, files: dict[str, str]) -> None:
    """Write all of them, or none.

    Raises:
        ConfigurationError: one of them is there already.
        OSError: one could not be written.
    """
    for name in files:
        if os.path.lexists(folder / name):
            raise ConfigurationError(
                "is there already, and is not overwritten",
                where=str(folder / name),
                mend="choose another folder, or move it away",
            )
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for name, text in files.items():
            with naming(folder / name), (folder / name).open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError:
        for name in files:  # none of them was there before
            (folder / name).unlink(missing_ok=True)
        raise
