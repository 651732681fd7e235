"""The connector of the demo: its configuration, the REST call that registers it, and what REST says of it."""

import json
import time
import urllib.error
import urllib.request

from stack_lib.kafka_server import KafkaServer
from stack_lib.mysql_server import MySqlServer
from stack_lib.progress import StackError
from stack_lib.stack import Stack

NAME = "inventory"
PREFIX = "inventory"
DATABASE = "inventory"
RUNNING_TIMEOUT_SECONDS = 60
# Straight to loopback, whatever proxy the machine is set up with.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def configuration(stack: Stack) -> dict[str, str]:
    mysql, kafka = MySqlServer(stack).environment(), KafkaServer(stack).environment()
    return settings(hostname=mysql["ROWMILL_MYSQL_HOST"], port=mysql["ROWMILL_MYSQL_PORT"], user=mysql["ROWMILL_MYSQL_USER"],
                    password=mysql["ROWMILL_MYSQL_PASSWORD"], kafka=kafka["ROWMILL_KAFKA"])


def settings(hostname: str, port: str, user: str, password: str, kafka: str) -> dict[str, str]:
    return {
        "connector.class": "io.debezium.connector.mysql.MySqlConnector",
        "tasks.max": "1",
        "database.hostname": hostname,
        "database.port": port,
        "database.user": user,
        "database.password": password,
        "topic.prefix": PREFIX,
        "database.include.list": DATABASE,
        "schema.history.internal.kafka.bootstrap.servers": kafka,
        "schema.history.internal.kafka.topic": "inventory-schema-history",
        "topic.creation.default.partitions": "1",
        "topic.creation.default.replication.factor": "1",
        "topic.creation.default.cleanup.policy": "compact",
        # So that there is something to see within seconds; by default the broker compacts after a day's or a gigabyte's worth.
        "topic.creation.default.segment.ms": "1000",
        "topic.creation.default.min.cleanable.dirty.ratio": "0.01",
    }


def copyable_call(url: str, config: dict[str, str]) -> str:
    body = json.dumps({"name": NAME, "config": config}, indent=2)
    return f"curl -X POST -H 'Content-Type: application/json' {url}/connectors -d '{body}'"


def register(url: str, config: dict[str, str]) -> None:
    call("POST", f"{url}/connectors", {"name": NAME, "config": config})


def await_running(url: str) -> None:
    deadline = time.monotonic() + RUNNING_TIMEOUT_SECONDS
    while True:
        status = call("GET", f"{url}/connectors/{NAME}/status")
        states = [task["state"] for task in status["tasks"]]
        if states and all(state == "RUNNING" for state in states):
            return
        if "FAILED" in states or time.monotonic() > deadline:
            raise StackError(f"the task does not run: {json.dumps(status, indent=2)}")
        time.sleep(0.1)


def call(method: str, url: str, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    deadline = time.monotonic() + 10
    while True:
        try:
            with _opener.open(request, timeout=60) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            # Right after its creation a connector has no status yet.
            if method != "GET" or error.code not in (404, 409) or time.monotonic() > deadline:
                raise StackError(f"{method} {url}: {error.code} {text}") from None
            time.sleep(0.1)
