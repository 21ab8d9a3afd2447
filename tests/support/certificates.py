"""Certificates of a made-up authority, for hosts on loopback."""

import datetime as dt
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest


@dataclass
class Issued:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


Authority: TypeAlias = Callable[[str, str | None], Issued]
"""Issues a certificate by name; a password encrypts the key. `ca` is its own."""


def authority_in(folder: Path) -> Authority:
    """An authority that keeps its files there; skips the test where nothing makes certificates."""
    x509 = pytest.importorskip("cryptography.x509", reason="certificates are made by the extra sign")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ca")])
    now = dt.datetime.now(dt.UTC)

    def issue(name: str, password: str | None) -> Issued:
        own = name == "ca"
        key = ca_key if own else ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        where = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        builder = x509.CertificateBuilder(ca_name, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - dt.timedelta(days=1))
        builder = builder.not_valid_after(now + dt.timedelta(days=1))
        builder = builder.add_extension(x509.BasicConstraints(ca=own, path_length=None), critical=True)
        made = builder.add_extension(where, critical=False).sign(ca_key, hashes.SHA256())
        locked = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
        pem = serialization.Encoding.PEM
        issued = Issued(folder / f"{name}.pem", folder / f"{name}.key")
        issued.certificate.write_bytes(made.public_bytes(pem))
        issued.key.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, locked))
        return issued

    return issue
