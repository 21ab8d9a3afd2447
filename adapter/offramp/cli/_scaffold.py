"""A vendor's package to begin with, for `offramp vendors new`: a distribution of its own, data only."""

import re
from datetime import date
from pathlib import Path
from typing import Final

from offramp.catalog import template_text, vendor_names
from offramp.errors import ConfigurationError

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_DATA: Final = ("profile.toml", "policy.toml")


def scaffold_vendor(name: str, *, into: Path, today: date) -> list[Path]:
    """Write the package `offramp-vendor-<name>` into a folder.

    Returns:
        The files, in the order in which to read them.

    Raises:
        ConfigurationError: the name is not one, is taken, or the folder is there already. Nothing is written then.
    """
    folder = into / f"offramp-vendor-{name}"
    _check(name, folder)
    module = f"offramp_vendor_{name.replace('-', '_')}"
    texts = {folder / "pyproject.toml": template_text("vendor", "distribution.toml")}
    texts |= {folder / module / each: template_text("vendor", each) for each in _DATA}
    (folder / module).mkdir(parents=True)
    for path, text in texts.items():
        path.write_text(_filled(text, name=name, module=module, today=today), "utf-8")
    marker = folder / module / "__init__.py"
    marker.write_text(f'"""{name}: data only, in `profile.toml` and `policy.toml`."""\n', "utf-8")
    return [*texts, marker]


def _check(name: str, folder: Path) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} is no vendor's name", mend="use lower-case letters, digits and single dashes, such as acme-cloud"
        )
    if name in vendor_names():
        raise ConfigurationError(f"the vendor {name!r} is installed already", mend="take another name")
    if folder.exists():
        raise ConfigurationError(
            "the folder is there already", where=str(folder), mend="remove it or take another name"
        )


def _filled(text: str, *, name: str, module: str, today: date) -> str:
    return text.replace("NAME", name).replace("MODULE", module).replace("TODAY", today.isoformat())
