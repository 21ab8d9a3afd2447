"""Every dialect, one module each.

To add a dialect, add a module here whose `ENTRY` is its `Spoken`; nothing else lists dialects. All tests of
`tests/accounting` then hold it to P1 alone and against every other dialect, in both directions; where its entry has
`refuses`, the strict vendor must accept what it writes. Then run `pytest tests/accounting -k NAME`: a difference that
asks for nothing goes into `neutral`, a row of the must-keep table that the vendor has no word for into `unsaid`, with
the reason; everything else is mended in the dialect.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from offramp_conformance.accounting.spoken import Spoken

_NAMES: Final = sorted(module.name for module in iter_modules(__path__))

SPOKEN: Final[dict[str, Spoken]] = {name: import_module(f"{__name__}.{name}").ENTRY for name in _NAMES}
"""By the dialect's name, which is the module's."""
