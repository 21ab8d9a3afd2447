"""Whom a transport trusts, and who it says to be: certificates by file, in place of what the system has."""

import ssl
from collections.abc import Callable

from offramp.contracts.transport import Network
from offramp.errors import ConfigurationError


def tls_context(network: Network) -> ssl.SSLContext | None:
    """The context that these files make; None where none is named, which leaves it to the system.

    Raises:
        ConfigurationError: a file cannot be read, is not what it should be, or its password is missing or wrong.
    """
    if network.ca_file is None and network.certificate_file is None:
        return None
    try:
        context = ssl.create_default_context(cafile=network.ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigurationError(
            "the certificate authorities cannot be read", where=str(network.ca_file), mend="name a file in PEM"
        ) from error
    if network.certificate_file is not None:
        _identify(context, network)
    return context


def _identify(context: ssl.SSLContext, network: Network) -> None:
    certificate = network.certificate_file
    if certificate is None:
        return
    try:
        # Without a password of ours, OpenSSL would ask for one at the terminal.
        context.load_cert_chain(certificate, network.key_file, password=_password(network.key_password))
    except (OSError, ValueError) as error:  # ValueError: the password is longer than OpenSSL takes
        raise ConfigurationError(
            "our certificate and its key cannot be used together",
            where=f"{certificate}, {network.key_file or 'the same file'}",
            mend="name files in PEM that belong together, and where the key is encrypted its password",
        ) from error


def _password(read: Callable[[], str | None] | None) -> str:
    return (read() if read is not None else None) or ""
