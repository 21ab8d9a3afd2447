"""What `offramp.toml` may say, table by table. What follows from it stands in `config.py`."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from offramp.contracts.capability import EMULATIONS, Capability, Emulation, Requirement
from offramp.contracts.needs import Counter, Needs
from offramp.contracts.offer import Offer
from offramp.contracts.profile import Option
from offramp.contracts.uses import Channel

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class KeySource(_Table):
    """Where a credential is read from, at the moment of use."""

    env: str | None = None
    """Name of an environment variable."""
    file: Path | None = None
    """A file that holds nothing else; white space at its ends is cut off."""
    command: tuple[str, ...] | None = Field(default=None, min_length=1)
    """A command that prints it, and its arguments, for keys that end within hours. No shell runs it."""
    lifetime_s: float = Field(default=300.0, gt=0)
    """How long a command's key is good, in seconds; it is fetched anew shortly before."""
    timeout_s: float = Field(default=20.0, gt=0)
    """How long a command may take, in seconds."""


class DeadlineTable(_Table):
    """How long to wait, in seconds; see `Deadlines` for meaning and defaults."""

    connect_s: float | None = Field(default=None, gt=0)
    first_byte_s: float | None = Field(default=None, gt=0)
    idle_s: float | None = Field(default=None, gt=0)
    total_s: float | None = Field(default=None, gt=0)


class TlsTable(_Table):
    """Whom to trust and who we are, where the system does not know the host or the host asks for a certificate."""

    ca: Path | None = None
    """Certificate authorities in PEM, trusted in place of the system's."""
    certificate: Path | None = None
    """Our own certificate in PEM, with its chain."""
    key: Path | None = None
    """Its private key. Not given: it stands in `certificate`."""
    key_password: KeySource | None = None
    """Where the password of an encrypted key is read from."""


class EndpointTable(_Table):
    """One model at one host under one agreement."""

    vendor: str
    """A vendor's folder name, as `offramp.vendors` lists it."""
    model: str
    dialect: str | None = None
    """Which of the vendor's APIs to use. Not given: its profile's own."""
    key: KeySource | None = None
    """Not given: the host needs none."""
    agreement: Path | None = None
    """The policy contract of a negotiated agreement."""
    base_url: str | None = None
    """Not given: the profile's. A query at its end, such as `?api-version=…`, stays at the end of every URL."""
    developer: str | None = None
    """Who made the model, where that is not the profile's or the model's own entry."""
    host: str | None = None
    reseller: str | None = None
    region: str | None = None
    channel: Channel | None = None
    """How the vendor is reached, where terms differ by it. Not given: what the profile says, else the declaration."""
    account: str | None = None
    """A name of yours for the account; opaque state that is bound to an account goes nowhere without it."""
    served_as: tuple[str, ...] = ()
    """Further names under which this endpoint may report its model; shell patterns allowed."""
    deadlines: DeadlineTable = DeadlineTable()
    options: dict[str, Option] = {}
    """Rules of this host that differ from its profile, in the names that its dialect documents."""
    claims: dict[Requirement, Capability] = {}
    """What you know of this endpoint's capabilities, each with its evidence. It wins over the profile."""
    observed: Path | None = None
    """What a conformance run has seen of it (`observed-NAME.json`). What it refuted is believed no longer."""
    offers: tuple[Offer, ...] = ()
    """Sizes, prices and terms that hold for this endpoint, such as an agreement's. They win over the profile."""
    allow_plain_http: bool = False
    """Send the key over unencrypted HTTP to a host that is not this machine."""
    tls: TlsTable = TlsTable()
    unix_socket: Path | None = None
    """Connect to this socket in place of the host and port of `base_url`."""
    proxy: str | None = None
    """Connect through this proxy, `http://host:port`, by CONNECT. The environment is never asked for one."""
    proxy_login: KeySource | None = None
    """Where the proxy's `user:password` is read from."""


class MissionTable(_Table):
    """An application's named need."""

    declaration: Path
    """The mission's declaration of use. Policy reads nothing else of what a mission is for."""
    route: tuple[Name, ...] = Field(min_length=1)
    """Endpoints in order of preference."""
    weights: dict[Name, float] = {}
    """Share of new conversations, where more than the first endpoint is to carry them."""
    formerly: tuple[Name, ...] = ()
    """Endpoints that were taken off the route. What their terms forbid still holds."""
    requires: tuple[Requirement, ...] = ()
    """What an endpoint must be known to do."""
    needs: Needs = Needs()
    """What an endpoint must be known to do, where that has a value."""
    emulations: tuple[Emulation, ...] = EMULATIONS
    """What may stand in for an endpoint's own structured output, in order of preference. Empty: nothing may."""
    counted_by: Counter = "estimate"
    """Who tells a request's tokens before it is sent, where a need rests on them."""
    max_loss: Literal["cosmetic", "behavioural", "material"] = "behavioural"
    timeout_s: float = Field(default=600.0, gt=0)
    """Default for a whole call, retries included."""
    former_declarations: tuple[Path, ...] = ()
    """Earlier declarations, for conversations that began under them."""
    waivers: tuple[Path, ...] = ()
    """Files of waivers for this mission."""


class LedgerTable(_Table):
    """Our own copy of conversations. It holds content."""

    url: str = "sqlite:ledger.db"
    """`sqlite:FILE`, or `memory:` for one that ends with the process."""
    retention_days: int | None = Field(default=None, ge=1)
    """Conversations untouched for longer are erased. Not given: kept."""


class ApprovalsTable(_Table):
    """How a call waits for a person's approval."""

    keep_content: bool = False
    """Keep the whole request for the approver to read, until it is answered or its time is over."""
    wait_s: float = Field(default=86_400.0, gt=0, le=31_536_000)
    """How long a request may be answered, in seconds."""


class Config(_Table):
    """The whole of `offramp.toml`."""

    schema_: Literal[1] = Field(alias="schema")
    state: str = "sqlite:state.db"
    """Where orders are kept. All processes of one deployment share it."""
    policy: tuple[Path, ...] = ()
    """Policy contracts besides the shipped floor, which always holds."""
    allow_unreviewed: bool = False
    """Use contracts that are marked illustrative and unreviewed. Every report shows it."""
    ledger: LedgerTable = LedgerTable()
    audit: Path = Path("audit")
    """Folder of the decision log."""
    audit_key: Path | None = None
    """Private key that signs the log's checkpoints; `offramp keys new` makes one. Not given: they are unsigned."""
    operators: Path | None = None
    """Public keys of those who may sign an `allow`."""
    signers: Path | None = None
    """Public keys of those who may sign policy files, each with its roles. Not given: no signature is looked at."""
    approvers: Path | None = None
    """Public keys of those who may approve calls, each with its roles. Not given: no call that needs it is made."""
    approvals: ApprovalsTable = ApprovalsTable()
    require_signed: bool = False
    """Refuse every policy file of yours that bears no signature. Without it, every report says `unsigned`."""
    endpoints: dict[Name, EndpointTable] = Field(min_length=1)
    missions: dict[Name, MissionTable] = Field(min_length=1)
    _file: Path | None = PrivateAttr(default=None)
    _digest: str | None = PrivateAttr(default=None)

    @property
    def file(self) -> Path | None:
        """Where it was read from; None where it was made in code."""
        return self._file

    @property
    def digest(self) -> str | None:
        """SHA-256 of the file as it was read."""
        return self._digest

    @property
    def folder(self) -> Path:
        """Where the file lies; relative paths start there."""
        return self._file.parent if self._file else Path()

    def read_from(self, file: Path, digest: str) -> "Config":
        """Itself, now that it is known which file it was read from. For `load_config` alone."""
        self._file, self._digest = file.resolve(), digest
        return self

    def at(self, path: Path) -> Path:
        """A path of the configuration, seen from the file's own folder."""
        return path if path.is_absolute() else self.folder / path
