"""The folder of a trial: policy, state, log and a key, as any user has them, and one endpoint."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from offramp.policy.plain import plain_declaration, plain_organisation, plain_terms
from offramp_conformance.liars.places import Place

ENDPOINT: Final = "tried"
_DEVELOPER: Final = "nobody"
_MISSION: Final = "trial"

_CONFIG: Final = """\
schema = 1
state = "sqlite:state.db"
policy = ["organisation.toml", "terms.toml"]

[endpoints.{endpoint}]
vendor = {vendor}
dialect = {dialect}
model = {model}
base_url = {base_url}
region = "us-east-1"
account = "trial"
channel = "self-host"
developer = "{developer}"
host = "{developer}"
key.file = "key"
{offers}
[endpoints.{endpoint}.claims]
{claims}
[missions.{mission}]
declaration = "trial.toml"
route = ["{endpoint}"]
"""
_LACKS: Final = '{name} = {{ support = "unsupported", evidence = {{ level = "declared", checked = {today} }} }}\n'
_OFFERS: Final = 'offers = [{{ evidence = {{ level = "declared", checked = {today} }}, {figures} }}]\n'


def write_deployment(folder: Path, place: Place, server: str, *, offers: Mapping[str, int] | None = None) -> Path:
    """Write it, and give the path of its `offramp.toml`.

    Args:
        folder: exists and is empty.
        place: which dialect is spoken there.
        server: origin of the server that answers.
        offers: figures that are stated of the endpoint, such as `context_tokens`.
    """
    today = datetime.now(UTC).date()
    files = {
        "offramp.toml": _config(place, server, offers or {}, today),
        "key": place.key,
        "trial.toml": plain_declaration(_MISSION, on=today),
        "terms.toml": plain_terms(_DEVELOPER, on=today),
        "organisation.toml": plain_organisation(
            [_MISSION], endpoints=[f"endpoint:{ENDPOINT}"], on=today, allow_unreviewed=True
        ),
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder / "offramp.toml"


def _config(place: Place, server: str, offers: Mapping[str, int], today: date) -> str:
    figures = ", ".join(f"{name} = {figure}" for name, figure in offers.items())
    return _CONFIG.format(
        endpoint=ENDPOINT,
        developer=_DEVELOPER,
        mission=_MISSION,
        vendor=json.dumps(place.vendor),
        dialect=json.dumps(place.dialect),
        model=json.dumps(place.model),
        base_url=json.dumps(server + place.base_path),
        offers=_OFFERS.format(today=today, figures=figures) if figures else "",
        claims="".join(_LACKS.format(name=json.dumps(name), today=today) for name in place.lacks),
    )
