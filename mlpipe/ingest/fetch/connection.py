"""HTTP connections to addresses that were checked, not to whatever a name means by then."""

from __future__ import annotations

import http.client
import ssl

from mlpipe.ingest.fetch.address import connected

__all__ = ["PORTS", "connection_to"]

PORTS = {"http": 80, "https": 443}
"""The schemes that are spoken, each with its port."""


def connection_to(
    scheme: str, host: str, port: int, addresses: list[str], timeout: float
) -> http.client.HTTPConnection:
    """Return a connection, not yet open, to the first of the addresses that answers.

    Parameters
    ----------
    scheme : {"http", "https"}
    host : str
        The name; of https the certificate has to be its own.
    port : int
    addresses : list of str
        The addresses of the host, all of them allowed.
    timeout : float
        Seconds that one read or write may take.
    """
    kind = _Encrypted if scheme == "https" else _Plain
    return kind(host, port, addresses, timeout)


class _Plain(http.client.HTTPConnection):
    """A connection to these addresses."""

    def __init__(self, host: str, port: int, addresses: list[str], timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._addresses = addresses

    def connect(self) -> None:
        try:
            self.sock = connected(self._addresses, self.port, self.timeout or 60)
        except TimeoutError:
            raise
        except OSError as error:
            raise ConnectionError(error.strerror or str(error)) from error


class _Encrypted(_Plain):
    """The same with TLS; the certificate has to be that of the name."""

    default_port = PORTS["https"]

    def connect(self) -> None:
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
