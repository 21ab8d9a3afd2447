"""How a configuration's policy files are read: by whose signatures, and with what memory of those accepted before."""

from datetime import date

from offramp.config import Config
from offramp.errors import ConfigurationError
from offramp.policy import PolicyReader, Trust, load_signers
from offramp.state.policy_memory import FilePolicyMemory


def reader_of(config: Config, *, today: date, remember: bool) -> PolicyReader:
    """The reader.

    Args:
        config: as loaded.
        today: UTC; a key that has run out accepts nothing new.
        remember: whether what is accepted raises the memory, as a client does and a command does not.

    Raises:
        ConfigurationError: signatures are required and nobody may give them, or the list of signers is not sound.
    """
    if config.signers is None:
        if config.require_signed:
            raise ConfigurationError(
                "`require_signed` is true, and nobody may sign", where="signers", mend='add signers = "signers.toml"'
            )
        return PolicyReader(config.folder)
    trust = Trust(
        signers=load_signers(config.at(config.signers)),
        required=config.require_signed,
        memory=FilePolicyMemory.beside(config.state, config.folder),
        today=today,
        remember=remember,
    )
    return PolicyReader(config.folder, trust=trust)
