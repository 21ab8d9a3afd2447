"""Open a permission store by its URL."""

from pathlib import Path

from offramp.contracts.clock import Clock
from offramp.contracts.state import PermissionStore
from offramp.errors import ConfigurationError
from offramp.state.file_store import FileStore
from offramp.state.sqlite_store import SqliteStore

_LATER = ("postgres", "postgresql", "valkey", "redis")


def open_store(
    url: str,
    *,
    base: Path | None = None,
    operators: Path | None = None,
    clock: Clock | None = None,
    create: bool = True,
) -> PermissionStore:
    """Open the store that all processes of one deployment share.

    Args:
        url: `sqlite:state.db` or `file:state.json`.
        base: folder from which a relative path starts; the working directory where not given.
        operators: file of those who may lift orders; `operators.toml` beside the state where not given.
        clock: where the instant of a commit comes from.
        create: make a new state where none has ever been.

    Raises:
        ConfigurationError: the URL has no known form.
        StateError: the state cannot be read, or has vanished.
    """
    scheme, colon, name = url.partition(":")
    if scheme in _LATER:
        raise ConfigurationError(
            f"state by {scheme} is not available in this version",
            where="state",
            mend="use sqlite:FILE, which serves all processes of one host",
        )
    if not colon or not name:
        raise _unknown(url)
    path = (base or Path()) / name
    match scheme:
        case "sqlite":
            return SqliteStore(path, operators=operators, clock=clock, create=create)
        case "file":
            return FileStore(path, operators=operators, clock=clock, create=create)
        case _:
            raise _unknown(url)


def _unknown(url: str) -> ConfigurationError:
    scheme = url.partition(":")[0]  # what follows might be a password
    return ConfigurationError(
        f"{scheme!r} does not begin a state's URL", where="state", mend="write sqlite:state.db or file:state.json"
    )
