"""Which state a command works on: the one that `offramp.toml` names, or the one that is given."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from offramp.contracts.state import PermissionStore
from offramp.errors import ConfigurationError
from offramp.state import open_store
from offramp.toml_file import read_toml
from offramp.types import value

ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration whose `state` is meant.")]
StateOption = Annotated[str | None, typer.Option("--state", help="A state's URL instead, such as sqlite:state.db.")]
OperatorsOption = Annotated[Path | None, typer.Option("--operators", help="The file of trusted operators.")]
ByOption = Annotated[str | None, typer.Option("--by", help="Who gives the order. Default: the user.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

DEFAULT_CONFIG = Path("offramp.toml")


@value
class Setting:
    """What of a configuration concerns orders and their record."""

    state: str
    folder: Path
    operators: Path
    audit: Path | None
    """Folder of the decision log; None where no configuration names one."""
    audit_key: Path | None = None
    """Private key for the log's checkpoints."""

    def open(self, *, create: bool = False) -> PermissionStore:
        """The state. Raises ConfigurationError, StateError."""
        return open_store(self.state, base=self.folder, operators=self.operators, create=create)


def setting_of(config: Path, state: str | None, operators: Path | None = None) -> Setting:
    """Read the few keys that are needed, so that an order can be given although other parts of the file are wrong.

    Raises:
        ConfigurationError: there is no such file, or a key is not text.
    """
    if state is not None:
        folder = Path.cwd()
        return Setting(state, folder, operators or _beside(state, folder), audit=None)
    if not config.exists():
        raise ConfigurationError(
            "there is no such file", where=str(config), mend="give --config FILE, or --state sqlite:FILE"
        )
    content = read_toml(config)
    folder = config.resolve().parent
    words: dict[str, str | None] = {}
    for key in ("state", "operators", "audit", "audit_key"):
        word = content.get(key)
        if word is not None and not isinstance(word, str):
            raise ConfigurationError(f"{key} is not text", where=str(config), mend=f'write {key} = "…"')
        words[key] = word
    url = words["state"] or "sqlite:state.db"
    named = folder / words["operators"] if words["operators"] else None
    return Setting(
        url,
        folder,
        operators or named or _beside(url, folder),
        audit=folder / (words["audit"] or "audit"),
        audit_key=folder / words["audit_key"] if words["audit_key"] else None,
    )


def _beside(url: str, folder: Path) -> Path:
    return (folder / url.partition(":")[2]).with_name("operators.toml")


def user() -> str:
    """The user of the operating system."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
