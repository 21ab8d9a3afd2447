"""`offramp.toml`: which endpoints there are, which missions use them, and which policy, state and ledger hold."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from offramp._addresses import address_of
from offramp._config_tables import Config, DeadlineTable, EndpointTable, KeySource, MissionTable
from offramp._keys import CommandKey, from_environment, from_file
from offramp._observed import with_observed
from offramp.catalog import load_profile, vendor_names
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.needs import Demand
from offramp.contracts.profile import ModelFacts, VendorProfile
from offramp.contracts.transport import Deadlines, Network, Proxy
from offramp.errors import ConfigurationError
from offramp.json_file import read_json_object
from offramp.toml_file import load_toml
from offramp.types import Identity

__all__ = ["Config", "EndpointTable", "MissionTable", "demand_of", "endpoint_of", "load_config"]


def load_config(path: str | os.PathLike[str]) -> Config:
    """Read and check `offramp.toml`.

    Raises:
        ConfigurationError: names file, line, key and mend.
    """
    file = Path(path)
    if not os.path.lexists(file):
        mend = "check the path, or begin with `offramp init`"
        raise ConfigurationError("there is no such file", where=str(file), mend=mend)
    digest = digest_of(file)  # before it is read: what changes in between is told as changed
    config = load_toml(file, Config).read_from(file, digest or "")
    for name, mission in config.missions.items():
        for endpoint in (*mission.route, *mission.formerly, *mission.weights):
            if endpoint not in config.endpoints:
                raise ConfigurationError(
                    f"missions.{name} names the endpoint {endpoint!r}, which is not configured",
                    where=str(file),
                    mend=f"add [endpoints.{endpoint}] or take it off the route",
                )
    return config


def digest_of(file: Path) -> str | None:
    """SHA-256 of a file's bytes; None where it cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None


def demand_of(config: Config, mission: str) -> Demand:
    """All that a mission demands of an endpoint.

    Raises:
        ConfigurationError: its schema of answers cannot be read.
    """
    table = config.missions[mission]
    path = table.needs.output_schema
    return Demand(
        requires=frozenset(table.requires),
        needs=table.needs,
        schema=read_json_object(config.at(path)) if path else None,
        emulations=table.emulations,
        counted_by=table.counted_by,
    )


def endpoint_of(config: Config, name: str) -> Endpoint:
    """An endpoint with its vendor's profile, ready to be asked.

    Raises:
        ConfigurationError: the vendor has no profile, or the table contradicts it.
    """
    table = config.endpoints[name]
    profile = _profile_of(table, name)
    facts = profile.facts_of(table.model)
    if table.served_as:
        known = facts or ModelFacts(evidence=profile.evidence)
        facts = replace(known, served_as=(*known.served_as, *table.served_as))
    if facts is not None:
        profile = replace(profile, models={**profile.models, table.model: facts})
    identity = Identity(
        endpoint=name,
        developer=_named(
            "developer", table.developer or (facts.developer if facts else None) or profile.developer, name, profile
        ),
        host=_named("host", table.host or profile.host, name, profile),
        model=table.model,
        reseller=table.reseller or profile.reseller,
        region=table.region,
        agreement=table.agreement.stem if table.agreement else None,
        account=table.account,
    )
    options = {**profile.options, **(facts.options if facts else {}), **table.options}
    base_url = address_of(
        profile, base_url=table.base_url, region=table.region, account=table.account, where=f"endpoints.{name}"
    )
    endpoint = Endpoint(
        identity=identity,
        profile=profile,
        base_url=base_url,
        key=_key_reader(config, f"endpoints.{name}.key", table.key),
        deadlines=_deadlines(table.deadlines),
        network=_network(config, name, base_url),
        options=options,
        claims=table.claims,
        offers=table.offers,
    )
    return endpoint if table.observed is None else with_observed(endpoint, config.at(table.observed))


def _profile_of(table: EndpointTable, name: str) -> VendorProfile:
    if table.vendor not in vendor_names():
        raise ConfigurationError(
            f"there is no vendor {table.vendor!r}",
            where=f"endpoints.{name}.vendor",
            mend=f"use one of {', '.join(vendor_names())}, or install the package that provides it",
        )
    profile = load_profile(table.vendor)
    if table.dialect is not None and table.dialect not in profile.dialects:
        raise ConfigurationError(
            f"the profile of {table.vendor} knows no API in the dialect {table.dialect!r}",
            where=f"endpoints.{name}.dialect",
            mend=f"use one of {', '.join(profile.dialects)}, or leave it out",
        )
    return profile.speaking(table.dialect or profile.dialect)


def _named(key: Literal["developer", "host"], known: str | None, name: str, profile: VendorProfile) -> str:
    """Policy and orders attach to it, so it is never guessed."""
    if known is None:
        raise ConfigurationError(
            f"{profile.vendor} has models or hosts of many, and nothing says the {key} of this one",
            where=f"endpoints.{name}",
            mend=f'add {key} = "…"',
        )
    return known


def _deadlines(table: DeadlineTable) -> Deadlines:
    return Deadlines(**table.model_dump(exclude_none=True))


def _network(config: Config, name: str, base_url: str) -> Network:
    table = config.endpoints[name]
    tls, where = table.tls, f"endpoints.{name}.tls"
    if tls.certificate is None and (tls.key is not None or tls.key_password is not None):
        raise ConfigurationError("a key without its certificate", where=where, mend='add certificate = "FILE.pem"')
    host = urlsplit(base_url).hostname if table.allow_plain_http else None
    password = tls.key_password
    return Network(
        plain_http_hosts=frozenset({host} if host else ()),
        ca_file=config.at(tls.ca) if tls.ca else None,
        certificate_file=config.at(tls.certificate) if tls.certificate else None,
        key_file=config.at(tls.key) if tls.key else None,
        key_password=_key_reader(config, f"{where}.key_password", password) if password else None,
        unix_socket=config.at(table.unix_socket) if table.unix_socket else None,
        proxy=_proxy(config, name),
    )


def _proxy(config: Config, name: str) -> Proxy | None:
    table, where = config.endpoints[name], f"endpoints.{name}.proxy"
    if table.proxy is None:
        if table.proxy_login is not None:
            raise ConfigurationError("a login without its proxy", where=where, mend='add proxy = "http://host:port"')
        return None
    if table.unix_socket is not None:
        raise ConfigurationError(
            "a unix socket leads to no proxy", where=where, mend="take one of proxy and unix_socket away"
        )
    parts = urlsplit(table.proxy)
    if parts.scheme != "http" or not parts.hostname or not _has_port_alone(parts):
        raise ConfigurationError("the proxy's address cannot be used", where=where, mend="write http://host:port")
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(
            "the proxy's address holds a secret", where=where, mend="name where it is kept in proxy_login"
        )
    login = table.proxy_login
    return Proxy(table.proxy, login=_key_reader(config, f"{where}_login", login) if login else None)


def _has_port_alone(parts: SplitResult) -> bool:
    """Whether nothing but a port, if that, stands behind the host."""
    try:
        return (parts.port or 1) > 0 and parts.path in ("", "/") and not (parts.query or parts.fragment)
    except ValueError:
        return False


def _key_reader(config: Config, where: str, source: KeySource | None) -> Callable[[], str | None]:
    match source:
        case None:
            return lambda: None
        case KeySource(env=str() as variable, file=None, command=None):
            return lambda: from_environment(variable, where)
        case KeySource(env=None, file=Path() as path, command=None):
            return lambda: from_file(config.at(path), where)
        case KeySource(env=None, file=None, command=tuple() as command):
            return CommandKey(command, where=where, lifetime_s=source.lifetime_s, timeout_s=source.timeout_s)
        case _:
            raise ConfigurationError(
                "a key comes from one place",
                where=where,
                mend='give one of env = "NAME", file = "PATH" and command = ["PROGRAM", "ARGUMENT"]',
            )
