"""The host options that this dialect knows, each with its default.

Options stand in a vendor's profile, a model's facts or the user's configuration.
"""

from collections.abc import Mapping
from typing import Final

from offramp.contracts.profile import Option

NAME: Final = "cohere_v2"
"""The dialect's name, as it stands in origins and wires."""

DEFAULTS: Final[Mapping[str, Option]] = {
    # Whether both penalties may be given at once, which some models refuse (docs.cohere.com errors, read 2026-11-26).
    "both_penalties": False,
    # Whether a schema that is to be enforced is held to the documented subset of JSON Schema before it is sent.
    "schema_subset": True,
}
