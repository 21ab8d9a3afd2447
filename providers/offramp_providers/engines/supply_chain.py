"""Whether the LiteLLM that is installed may run: its release, and what starts itself beside it.

On 2026-03-24 the releases 1.82.7 and 1.82.8 carried code that stole credentials; the second one in a `.pth` file, which
Python runs at every start, without an import (PyPA advisory PYSEC-2026-2, recalled). The extra refuses both at install.
"""

from collections.abc import Iterator
from dataclasses import KW_ONLY
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path
from typing import Final

from offramp.errors import ConfigurationError
from offramp.types import value

MALICIOUS: Final = frozenset({"1.82.7", "1.82.8"})


@value
class Release:
    """LiteLLM as it is installed."""

    version: str
    _: KW_ONLY
    site: Path
    """The folder that it stands in."""


def installed_release() -> Release | None:
    """The installed release; None: there is none. LiteLLM itself is not imported."""
    try:
        found = distribution("litellm")
    except PackageNotFoundError:
        return None
    return Release(found.version, site=Path(str(found.locate_file(""))))


def refuse_malicious(release: Release, *, where: str) -> None:
    """Raise ConfigurationError where the release is known to be malicious."""
    if release.version in MALICIOUS:
        raise ConfigurationError(
            f"LiteLLM {release.version} is installed, a release that steals credentials",
            where=where,
            mend="take this machine for compromised: change every key it has seen, and install it anew",
        )


def foreign_start_files(release: Release) -> tuple[str, ...]:
    """A warning for each `.pth` file beside LiteLLM that runs code and belongs to no other package.

    A package's own list of files (`RECORD`) says whose a file is. One of LiteLLM's own is foreign too: it needs none.
    """
    owned = set(_owned(release.site))
    return tuple(
        f"{path} runs code at every start of Python and belongs to no package but LiteLLM: look into it"
        for path in sorted(release.site.glob("*.pth"))
        if path.name not in owned and _runs_code(path)
    )


def _owned(site: Path) -> Iterator[str]:
    """The `.pth` files in this folder that other packages list as theirs."""
    for package in distributions(path=[str(site)]):
        if _name_of(package) != "litellm":
            yield from (file.name for file in package.files or () if file.suffix == ".pth" and len(file.parts) == 1)


def _name_of(package: Distribution) -> str:
    return str(package.metadata["Name"] or "").lower()


def _runs_code(path: Path) -> bool:
    """Whether a line of it is executed; the others are folders (docs.python.org, `site`; read 2026-11-26)."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return True  # a file that cannot be looked into is not known to be harmless
    return any(line.startswith(("import ", "import\t")) for line in lines)
