"""A Kafka Connect worker as its REST interface shows it: Debezium's, or any other."""

import time

from stack_lib.progress import StackError

from . import http_json

STATE_TIMEOUT_SECONDS = 60


class ConnectWorker:
    def __init__(self, url: str):
        self.url = url

    def call(self, method: str, path: str, body=None):
        return http_json.call(method, self.url + path, body)

    def version(self) -> str:
        """The connector's and the worker's."""
        connector = next(plugin["version"] for plugin in self.call("GET", "/connector-plugins") if "MySql" in plugin["class"])
        return f"{connector} on Connect {self.call('GET', '/')['version']}"

    def create(self, name: str, config: dict) -> None:
        self.call("POST", "/connectors", {"name": name, "config": config})

    def exists(self, name: str) -> bool:
        return name in self.call("GET", "/connectors")

    def status(self, name: str) -> dict | None:
        """None between the creation and the first status record."""
        try:
            return self.call("GET", f"/connectors/{name}/status")
        except http_json.Refused as refused:
            if refused.status in (404, 500):
                return None
            raise

    def has_failed(self, name: str) -> bool:
        status = self.status(name)
        return status is not None and "FAILED" in [part["state"] for part in (status["connector"], *status["tasks"])]

    def stop(self, name: str) -> None:
        self.call("PUT", f"/connectors/{name}/stop")
        self.wait(lambda: self.is_stopped(name), f"{name} stopped")

    def is_stopped(self, name: str) -> bool:
        status = self.status(name)
        return status is not None and status["connector"]["state"] == "STOPPED" and not status["tasks"]

    def resume(self, name: str) -> None:
        self.call("PUT", f"/connectors/{name}/resume")

    def offset(self, name: str) -> dict | None:
        offsets = self.call("GET", f"/connectors/{name}/offsets")["offsets"]
        return offsets[0]["offset"] if offsets else None

    def forget(self, name: str) -> None:
        """Delete the connector and its offsets, which would outlive it."""
        if self.exists(name):
            self.stop(name)
            self.call("DELETE", f"/connectors/{name}/offsets")
            self.call("DELETE", f"/connectors/{name}")
            self.wait(lambda: not self.exists(name), f"{name} deleted")

    def wait(self, is_true, what: str) -> None:
        deadline = time.monotonic() + STATE_TIMEOUT_SECONDS
        while not is_true():
            if time.monotonic() > deadline:
                raise StackError(f"not within {STATE_TIMEOUT_SECONDS} s: {what}")
            time.sleep(0.05)

    def end(self) -> None:
        """A worker that this run did not start goes on."""
