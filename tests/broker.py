"""A real mosquitto on loopback that tests start, stop, kill and ask."""

from __future__ import annotations

import getpass
import json
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.shared import free_port

PATIENCE_S = 60


class Broker:
    """A mosquitto with its own port and folder; it keeps sessions and messages over an orderly stop."""

    def __init__(self, folder: Path, *lines: str, scheme: str = "mqtt") -> None:
        self.port = free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._file = folder / "mosquitto.conf"
        anonymous = () if any("allow_anonymous" in line for line in lines) else ("allow_anonymous true",)
        settings = (
            f"listener {self.port} 127.0.0.1",
            f"user {getpass.getuser()}",  # started by root it would change to one that may not write here
            "persistence true",
            f"persistence_location {folder}/",
        )
        self._file.write_text("\n".join((*settings, *anonymous, *lines, "")), "utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and returns when it answers."""
        self._process = subprocess.Popen(["mosquitto", "-c", self._file], stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.01)
            else:
                return
        message = "mosquitto does not answer"
        raise TimeoutError(message)

    def stop(self) -> None:
        """Ends it in order."""
        if self._process is not None:
            self.freeze(thaw=True)  # frozen it would not hear it
            self._process.terminate()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """Ends it as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self, *, thaw: bool = False) -> None:
        """Lets it answer nothing, as behind a stalled link, or go on again."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT if thaw else signal.SIGSTOP)

    def restart(self) -> None:
        """Stops it and starts it again at the same port."""
        self.stop()
        self.start()

    def publish(self, *messages: tuple[str, str | bytes], qos: int = 1, retain: bool = False) -> None:
        """Publishes and returns when the broker has them all."""
        with Talker(self) as talker:
            talker.say(*messages, qos=qos, retain=retain)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def guarded(folder: Path, *denied: str) -> tuple[str, ...]:
    """Settings of a broker that refuses subscriptions to these topics (mosquitto's dynamic security)."""
    (plugin,) = Path("/usr").glob("lib/*/mosquitto_dynamic_security.so")
    rules = [{"acltype": "subscribeLiteral", "topic": topic, "priority": 1, "allow": False} for topic in denied]
    settings = {
        "defaultACLAccess": dict.fromkeys(("publishClientSend", "publishClientReceive", "subscribe"), True),
        "roles": [{"rolename": "guest", "acls": rules}],
        "groups": [{"groupname": "guests", "roles": [{"rolename": "guest"}]}],
        "anonymousGroup": "guests",
        "clients": [],
    }
    (folder / "rules.json").write_text(json.dumps(settings), "utf-8")
    return f"plugin {plugin}", f"plugin_opt_config_file {folder}/rules.json", "allow_anonymous true"


class Talker:
    """A foreign client of the broker: it publishes, and keeps what it hears."""

    def __init__(self, broker: Broker, *topics: str, name: str = "") -> None:
        self._broker = broker
        self._topics = topics
        self.heard: list[MQTTMessage] = []
        self._client = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTProtocolVersion.MQTTv311)
        self._client.on_message = lambda _client, _data, message: self.heard.append(message)
        self._listening = False
        self._client.on_subscribe = self._on_subscribe

    def _on_subscribe(self, *_: object) -> None:
        self._listening = True

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._broker.port)
        self._client.loop_start()
        if self._topics:
            self._client.subscribe([(topic, 1) for topic in self._topics])
            until = time.monotonic() + PATIENCE_S
            while not self._listening and time.monotonic() < until:
                time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def say(self, *messages: tuple[str, str | bytes], qos: int = 1, retain: bool = False) -> None:
        """Publishes; with QoS 1 it returns when the broker has them all."""
        sent = [self._client.publish(topic, payload, qos=qos, retain=retain) for topic, payload in messages]
        for one in sent:
            one.wait_for_publish(PATIENCE_S)
