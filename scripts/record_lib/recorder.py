"""Runs one case on one worker: an empty server, the sections in order, then everything that came out of it.

After each streamed section a row is written to `recorder.mark`; the section is over when that row is in its topic (or
when the connector has failed). Nothing here waits for time to pass.
"""

import json
import tempfile
import time

from stack_lib.install_mysql import PASSWORD, USER
from stack_lib.progress import StackError

from .apicurio_registry import PACKAGE, URL, ApicurioRegistry, shown
from .broker import Broker, history_topic
from .case_file import BEFORE_SNAPSHOT, STREAM, WHILE_STOPPED, Case
from .connect_worker import ConnectWorker
from .murmur2 import partition_of
from .recording import Recording
from .registry import MAGIC, Registry
from .source_server import MARK_DATABASE, MARK_TABLE, Origin, SourceServer

AVRO = "io.confluent.connect.avro.AvroConverter"
TIMEOUT_SECONDS = 60


class Recorder:
    def __init__(self, worker: ConnectWorker, server: SourceServer, broker: Broker, confluent: Registry,
                 apicurio: ApicurioRegistry, made_by: str):
        self.worker, self.server, self.broker = worker, server, broker
        self.confluent, self.apicurio = confluent, apicurio
        self.registry = confluent
        self.made_by = made_by

    def record(self, case: Case, row_metadata: str) -> Recording:
        self.registry = self.apicurio if is_of_apicurio(case) else self.confluent
        if self.registry is self.apicurio:
            self.apicurio.keep_ids_apart()
        self.clean_up(case.name)
        origin = self.server.empty(row_metadata)
        with tempfile.TemporaryDirectory() as scratch:
            try:
                self.run_sections(case, scratch)
                return self.collect(case, row_metadata, origin)
            finally:
                self.worker.forget(case.name)

    def clean_up(self, name: str) -> None:
        self.worker.forget(name)
        self.broker.delete(name)
        for subject in self.registry.subjects(name):
            self.registry.delete(subject)

    def run_sections(self, case: Case, scratch: str) -> None:
        is_stopped, streamed = False, 0
        for section in case.sections:
            if section.kind == BEFORE_SNAPSHOT:
                self.server.run(section.sql)
                self.worker.create(case.name, self.config(case, scratch))
                self.wait(case.name, lambda: self.has_snapshot(case), "the snapshot done")
                if not self.worker.has_failed(case.name):
                    self.server.create_mark()
            elif section.kind == WHILE_STOPPED:
                self.worker.stop(case.name)
                self.server.end_dumps()
                is_stopped = True
                self.server.run(section.sql)
            elif section.kind == STREAM:
                if is_stopped:
                    self.worker.resume(case.name)
                    is_stopped = False
                    # Perhaps behind another snapshot.
                    self.wait(case.name, lambda: self.has_snapshot(case), "the stream begun again")
                streamed += 1
                self.server.run(f"{section.sql}\nINSERT INTO {MARK_TABLE} VALUES ({streamed});")
                self.wait(case.name, lambda: self.marks(case.name) >= streamed, f"section {streamed} streamed")
            if not is_stopped and self.worker.has_failed(case.name):
                return

    def config(self, case: Case, scratch: str) -> dict[str, str]:
        """What a user must say, what makes a case small, and the case's own settings."""
        config = {
            "connector.class": "io.debezium.connector.mysql.MySqlConnector",
            "tasks.max": "1",
            "database.hostname": "127.0.0.1",
            "database.port": str(self.server.server.port),
            "database.user": USER,
            "database.password": PASSWORD,
            "database.server.id": "640001",
            "topic.prefix": case.name,
            "topic.creation.default.partitions": "1",
            "topic.creation.default.replication.factor": "1",
            "schema.history.internal.kafka.topic": history_topic(case.name),
            "schema.history.internal.kafka.bootstrap.servers": self.broker.address,
            "poll.interval.ms": "20",
        } | {key: value.replace("{scratch}", scratch) for key, value in case.config.items()}
        # Settings of a converter count only beside its class.
        for converter in ("key.converter", "value.converter"):
            if converter not in config and any(key.startswith(f"{converter}.") for key in config):
                config |= {converter: AVRO, f"{converter}.schema.registry.url": self.confluent.url}
            if config.get(f"{converter}.data.serializer.type") == "avro":
                config |= {f"{converter}.avro.schema.registry.url": self.confluent.url}
            if path := config.get(f"{converter}.{URL}"):
                config[f"{converter}.{URL}"] = self.apicurio.address(path)
        # The mark must pass every filter.
        for key, mark in (("database.include.list", MARK_DATABASE), ("table.include.list", MARK_TABLE),
                          ("column.include.list", f"{MARK_TABLE}.id")):
            if key in config:
                config[key] += f",{mark}"
        return config

    def has_snapshot(self, case: Case) -> bool:
        if case.config.get("snapshot.mode") == "initial_only":
            offset = self.worker.offset(case.name)
            return offset is not None and "snapshot" not in offset
        return bool(self.server.dumps())

    def marks(self, name: str) -> int:
        topic = f"{name}.{MARK_TABLE}"
        return len(self.broker.records(topic)) if topic in self.broker.topics(name) else 0

    def wait(self, name: str, is_true, what: str) -> None:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not is_true():
            if self.worker.has_failed(name):
                return
            if time.monotonic() > deadline:
                raise StackError(f"{name}: not within {TIMEOUT_SECONDS} s: {what}; status: {self.worker.status(name)}")
            time.sleep(0.05)

    def collect(self, case: Case, row_metadata: str, origin: Origin) -> Recording:
        recording = Recording(case.name, self.made_by, row_metadata, origin)
        recording.offset = self.worker.offset(case.name)
        recording.status = condensed(self.worker.status(case.name))
        if self.registry is self.apicurio:
            self.apicurio.learn(case.name)
        for topic in self.broker.topics(case.name):
            if topic != f"{case.name}.{MARK_TABLE}":
                self.add_topic(recording, topic)
        for subject in self.registry.subjects(case.name):
            if MARK_TABLE not in subject:
                recording.subjects[subject] = [
                    recording.schema_number(self.registry.text(schema)) for schema in self.registry.versions(subject)]
        return recording

    def add_topic(self, recording: Recording, topic: str) -> None:
        messages = self.broker.records(topic)
        partitions = self.broker.partitions(topic)
        records = [self.record_of(recording, topic, message, partitions) for message in messages]
        if partitions > 1:
            # Stable: the records of one key keep their order.
            records.sort(key=lambda record: json.dumps(record["key"]))
        recording.records += [record for record in records if database(record) != MARK_DATABASE]

    def record_of(self, recording: Recording, topic: str, message, partitions: int) -> dict:
        if topic == history_topic(recording.case):
            key, value = message.key(), {"json": json.loads(message.value())}
        else:
            key, value = (self.part(recording, message, role) for role in ("key", "value"))
        headers = [[name, shown(name, text)] for name, text in message.headers() or []]
        record = {
            "topic": topic, "partition": partition(message, partitions), "key": key, "value": value,
            "headers": recording.headers_number(headers),
        }
        _, written_ms = message.timestamp()
        if written_ms < (time.time() - 86_400) * 1000:
            record["time"] = written_ms
        return record

    def part(self, recording: Recording, message, role: str) -> dict | None:
        payload = message.key() if role == "key" else message.value()
        if payload is None:
            return None
        if self.registry is self.apicurio:
            version, form, value = self.apicurio.part(message.topic(), role, payload, message.headers() or [])
            return {"schema": recording.schema_number(self.apicurio.text(version)), "value": value, "id": form}
        if payload[:1] != MAGIC:
            return json_part(recording, document_of(payload))
        schema, value = self.registry.decode(payload)
        return {"schema": recording.schema_number(self.registry.text(schema)), "value": value}


def is_of_apicurio(case: Case) -> bool:
    """Both converters of such a case are."""
    return case.config.get("value.converter", "").startswith(PACKAGE)


def document_of(payload: bytes):
    """JSON, or what a converter of plain text wrote."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode()


def json_part(recording: Recording, document) -> dict:
    """What a JsonConverter wrote, with its schema or without."""
    if isinstance(document, dict) and list(document) == ["schema", "payload"]:
        text = json.dumps(document["schema"], ensure_ascii=False, separators=(",", ":"))
        return {"schema": recording.schema_number(text), "value": document["payload"]}
    return {"json": document}


def database(record: dict) -> str | None:
    """Of a schema change, in its topic and in the history."""
    value = record["value"] or {}
    document = value.get("json") or value.get("value")
    return document.get("databaseName") if isinstance(document, dict) else None


def partition(message, partitions: int) -> int | str:
    is_of_key = partitions > 1 and message.key() is not None and message.partition() == partition_of(message.key(), partitions)
    return "of the key" if is_of_key else message.partition()


def condensed(status: dict) -> dict:
    """States, and of a Java trace only its messages."""
    parts = [status["connector"], *status["tasks"]]
    lines = [line for part in parts for line in part.get("trace", "").splitlines()]
    return {
        "connector": status["connector"]["state"],
        "tasks": [task["state"] for task in status["tasks"]],
        "errors": [line for line in lines if line and not line.startswith(("\tat ", "\t... "))],
    }
