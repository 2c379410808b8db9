"""Which broker a source talks to, and as whom: what every source on MQTT reads from its settings."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from lineside.connect.source import Option
from lineside.connect.wording import reason, unusable_url
from lineside.errors import ConfigurationError, LinesideError
from lineside.plant import SourceSettings

if TYPE_CHECKING:
    from lineside.connect.mqtt_session import Session

PORTS = {"mqtt": 1883, "mqtts": 8883}
VERSIONS = ("3.1.1", "5")

BROKER_OPTIONS: Mapping[str, Option] = {
    "version": Option("3.1.1", "Version of MQTT: 3.1.1 or 5."),
    "client_id": Option("", "Name at the broker, no two alike; `lineside-` and the source's id when left out."),
    "user": Option("", "User name; the password is read from the environment."),
    "password_env": Option("LINESIDE_MQTT_PASSWORD", "Environment variable that holds the password."),
    "ca": Option("", "File of the authorities that may vouch for the broker (mqtts); the system's when left out."),
    "cert": Option("", "Certificate to log in with (mqtts)."),
    "key": Option("", "Key of that certificate."),
    "connect_s": Option(10.0, "How long an answer may take.", 0.1, 300),
}


@dataclass(frozen=True, slots=True)
class Broker:
    """Address, identity and patience for a connection to a broker."""

    host: str
    port: int
    secure: bool
    version: str
    client_id: str
    user: str | None
    password: str | None = field(repr=False)
    ca: str
    cert: str
    key: str
    connect_s: float
    keepalive_s: int

    def tls(self) -> ssl.SSLContext | None:
        """What to trust and to show; None without encryption. Raises ConfigurationError for a file of no use."""
        if not self.secure:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca or None)
            if self.cert:
                context.load_cert_chain(self.cert, self.key or None)
        except OSError as error:
            files = ", ".join(name for name in (self.ca, self.cert, self.key) if name)
            raise ConfigurationError("connect.mqtt.tls_files", files=files, reason=reason(error)) from error
        context.sslsocket_class = _Socket
        return context


class _Socket(ssl.SSLSocket):
    """A socket that does not stay open behind a handshake that failed, as paho would have it."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - as the library has it
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def listening_beside(settings: SourceSettings, **options: object) -> SourceSettings:
    """The settings under a client id of its own, so that the broker takes it for somebody else."""
    known = settings.options.get("client_id") or client_id_of(settings)
    return settings.model_copy(update={"options": {**settings.options, **options, "client_id": f"{known}-beside"}})


def client_id_of(settings: SourceSettings) -> str:
    """The name at the broker when none is given."""
    return f"lineside-{settings.id}"


def broker_of(settings: SourceSettings, options: Mapping[str, Any]) -> Broker:
    """The broker of these settings; raises ConfigurationError for an address or version that cannot be.

    `options` holds a value for each of BROKER_OPTIONS, as `checked_options` gives them.
    """
    try:
        url = urlsplit(settings.url or "")
        port = url.port
    except ValueError as error:
        raise unusable_url(settings) from error
    if url.scheme not in PORTS or not url.hostname or port == 0:
        raise unusable_url(settings)
    version = str(options["version"])
    if version not in VERSIONS:
        raise ConfigurationError("connect.mqtt.version", source=settings.id, version=version)
    user = str(options["user"]) or unquote(url.username or "")
    password = os.environ.get(str(options["password_env"])) or unquote(url.password or "")
    return Broker(
        host=url.hostname,
        port=port or PORTS[url.scheme],
        secure=url.scheme == "mqtts",
        version=version,
        client_id=str(options["client_id"]) or client_id_of(settings),
        user=user or None,
        password=password if user else None,
        ca=str(options["ca"]),
        cert=str(options["cert"]),
        key=str(options["key"]),
        connect_s=float(options["connect_s"]),
        keepalive_s=max(min(round(settings.stale_after_s / 3), 60), 5),
    )


def broker_session(broker: Broker, will: tuple[str, bytes]) -> AbstractAsyncContextManager[Session]:
    """A connection that keeps nothing, with the topic and payload of a will; only `publish` may open one to speak."""
    import aiomqtt

    from lineside.connect.mqtt_session import Session, connected

    topic, payload = will
    return connected(Session(broker, will=aiomqtt.Will(topic, payload, qos=1)))


def what_broke(error: Exception) -> tuple[str, Mapping[str, object]]:
    """Key and fields of what ended a connection; `publish.failed` for a fault of our own."""
    if isinstance(error, LinesideError):
        return error.key, error.fields
    if isinstance(error, TimeoutError):
        return "connect.no_answer", {}
    if isinstance(error, OSError | EOFError):
        return "connect.unreachable", {"reason": reason(error)}
    return "publish.failed", {"error": f"{type(error).__name__}: {error}"}
