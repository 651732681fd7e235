"""A recording without what varies from run to run: clocks become their shape, positions the distance from the origin.

This is the whole list of what is volatile; the scenario test (tests/scenarios/side_by_side.rs) keeps the same:
- `ts_ms`, `ts_us`, `ts_ns`, `ts_sec`: present or not, and whether the three tell the same instant;
- `server_id`: 0 or the server's; `thread`: present or not; the header `runId`: a version 7 UUID or not;
- `gtid`, `gtids`, the ids of transactions, `file`, `pos`: relative to the origin of the recording, so that the distance must be the same. Only
  `pos` is left out when one side was made with another `binlog_row_metadata`: its events have other lengths;
- how many heartbeats there are;
- of a CloudEvent the same fields under the names of its attributes, `time`, and the numbers of schemas in `dataschema` and `data`;
- the text of errors, and after a failure everything but the states: how much came before it is chance.
"""

import re

from .recording import Recording

UUID_V7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
# Row data and table definitions: whatever their fields are called, they are compared as they are.
DATA = ("before", "after", "tableChanges")
# What fields of a change's source are called as attributes of a CloudEvent.
ATTRIBUTES = {f"iodebezium{name.replace('_', '')}": name for name in (
    "ts_ms", "ts_us", "ts_ns", "server_id", "gtid", "file", "pos", "thread")}


def normal_forms(left: Recording, right: Recording) -> tuple[dict, dict]:
    if left.has_failed() or right.has_failed():
        return states(left), states(right)
    has_pos = left.row_metadata == right.row_metadata
    return NormalForm(left, has_pos).whole(), NormalForm(right, has_pos).whole()


class NormalForm:
    def __init__(self, recording: Recording, has_pos: bool):
        self.recording, self.origin, self.has_pos = recording, recording.origin, has_pos

    def whole(self) -> dict:
        schemas = self.recording.schemas
        topics: dict[str, list] = {}
        for record in self.recording.records:
            topics.setdefault(record["topic"], []).append({
                "partition": record["partition"],
                "key": self.part(record["key"]),
                "value": self.part(record["value"]),
                "headers": [self.header(*header) for header in self.recording.headers[record["headers"]]],
                "time": record.get("time"),
            })
        for name, records in topics.items():
            if name.startswith("__debezium-heartbeat."):
                topics[name] = [record for index, record in enumerate(records) if record not in records[:index]]
        return {
            "subjects": {name: [schemas[number] for number in numbers]
                         for name, numbers in self.recording.subjects.items()},
            "topics": topics,
            "offset": self.steady(self.recording.offset),
            **states(self.recording),
        }

    def header(self, name: str, text: str) -> list:
        """A header converter can have put quotes and a schema around the text."""
        return [name, UUID_V7.sub("a version 7 UUID", text) if name.endswith(".runId") else text]

    def part(self, recorded: dict | None) -> dict | None:
        if recorded is None:
            return None
        if "json" in recorded:
            return {"json": self.steady(recorded["json"])}
        form = {"id": recorded["id"]} if "id" in recorded else {}
        return {"schema": self.recording.schemas[recorded["schema"]], "value": self.steady(recorded["value"]), **form}

    def steady(self, value):
        if isinstance(value, list):
            return [self.steady(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        if "specversion" in value:
            value = opened(value)
        return {name: inner if name in DATA else self.steady_field(name, inner, value) for name, inner in value.items()}

    def steady_field(self, name: str, field, around: dict):
        if field is None or isinstance(field, (dict, list)):
            return self.steady(field)
        match name:
            case "ts_ms" | "ts_sec":
                return "a time"
            case "ts_us":
                return "the same time" if field // 1000 == around["ts_ms"] else field
            case "ts_ns":
                return "the same time" if field // 1000 == around["ts_us"] else field
            # The second is what Flatten makes of it.
            case "server_id" | "source_server_id":
                return field and "the server"
            case "thread":
                return "a thread"
            case "gtid" | "gtids":
                return self.relative_gtids(field)
            case "file":
                return f"file {file_number(field) - file_number(self.origin.file)}"
            case "pos":
                return field - self.origin.pos if self.has_pos else "a position"
        if isinstance(field, str) and field.startswith(f"{self.origin.uuid}:"):
            return self.relative_gtids(field)
        return field

    def relative_gtids(self, text: str) -> str:
        """The origin's count is taken off its server's intervals, and the server is named by its role."""
        parts = []
        for part in text.split(","):
            uuid, _, intervals = part.strip().partition(":")
            if uuid == self.origin.uuid:
                intervals = re.sub(r"\d+", lambda number: str(int(number[0]) - self.origin.transactions), intervals)
                uuid = "server"
            parts.append(f"{uuid}:{intervals}")
        return ",".join(parts)


def opened(event: dict) -> dict:
    """A CloudEvent with its attributes as what they were made of, and its id in parts."""
    fields = {ATTRIBUTES.get(name, name): as_number(field) if name in ATTRIBUTES else field
              for name, field in event.items()}
    fields["id"] = {name: as_number(part) for name, _, part in (part.partition(":") for part in event["id"].split(";"))}
    milliseconds = f"{fields.get('ts_ms', 0) % 1000:03}Z"
    fields["time"] = "the same time" if event["time"].endswith(milliseconds) else event["time"]
    if "dataschema" in event:
        fields["dataschema"] = re.sub(r"http.*/apis/(.*)/\d+$", r"\1", event["dataschema"])
        # In hexadecimal digits or in base64.
        fields["data"] = event["data"][10 if event["data"].startswith("00") else 7:]
    return fields


def as_number(text):
    return int(text) if isinstance(text, str) and text.isdecimal() else text


def states(recording: Recording) -> dict:
    return {"status": {name: recording.status[name] for name in ("connector", "tasks")}}


def file_number(file: str) -> int:
    return int(file.rpartition(".")[2] or 0)
