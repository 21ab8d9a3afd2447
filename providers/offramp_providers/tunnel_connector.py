"""aiohttp's connections through a proxy: the tunnel is ours, the rest is as for any other connection.

Imports aiohttp, so it is itself imported at the first call only.
"""

import asyncio
import ssl

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.tracing import Trace
from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.transport import Proxy
from offramp_providers.of_one_process import OfOneProcess
from offramp_providers.proxy_tunnel import open_tunnel


class TunnelConnector(OfOneProcess):
    """Connects to hosts through one proxy, and speaks TLS with them."""

    def __init__(self, proxy: Proxy, context: ssl.SSLContext | None) -> None:
        super().__init__(limit=0, keepalive_timeout=30.0)
        self._proxy = proxy
        self._context = context or ssl.create_default_context()

    @override
    async def _create_connection(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> ResponseHandler:
        host, port = req.url.raw_host or "", req.url.port or 443
        through = await open_tunnel(self._proxy, host, port)
        try:
            _, protocol = await asyncio.get_running_loop().create_connection(
                self._factory, sock=through, ssl=self._context, server_hostname=host
            )
        except ssl.CertificateError as error:
            through.close()
            raise aiohttp.ClientConnectorCertificateError(req.connection_key, error) from error
        except ssl.SSLError as error:
            through.close()
            raise aiohttp.ClientConnectorSSLError(req.connection_key, error) from error
        except BaseException:
            through.close()
            raise
        return protocol
