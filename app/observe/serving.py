"""/metrics on a port of its own: for workers, which have no interface, and behind proxies."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server

from app.domain.errors import ConfigurationError


@contextmanager
def metrics_served(registry: CollectorRegistry, host: str, port: int | None) -> Iterator[int]:
    """Served for as long as the block lasts; gives the port (0: none was asked for).

    `port` 0 takes a free one. Raises ConfigurationError where it cannot be had.
    """
    if port is None:
        yield 0
        return
    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise ConfigurationError(
            f"HEDUI_METRICS_PORT: {host}:{port} cannot be listened on: {error.strerror}"
        ) from None
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
