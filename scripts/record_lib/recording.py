"""What one run of a case produced, and its file form: one JSON object per line, told apart by its first key.

    {"recording": case, "made_by": versions, "row_metadata": "MINIMAL", "origin": {"uuid", "transactions", "file", "pos"}}
    {"schema": n, "text": ...}                    n counts the distinct schemas in order of appearance
    {"subject": name, "schemas": [n, ...]}        in order of version
    {"headers": n, "list": [[name, text], ...]}   n counts the distinct lists of headers
    {"topic": name, "partition": p, "key": part, "value": part, "headers": n, "time": ms}   the time only if it is not the clock's
    {"offset": the source offset at the end}
    {"status": {"connector": state, "tasks": [state, ...], "errors": [message and causes]}}

Pieces of schemas that most recordings share stand in common_schemas.json, and in a text by their name there, `<<NAME>>`.

A part is null, `{"schema": n, "value": ...}` for Avro, or `{"json": ...}` for JSON without a schema (the schema history, a JsonConverter) and for plain text. Avro values: a union is
its branch's value, bytes and decimals are hexadecimal, strings of more than 2,000 characters are cut (length and hash
stand for the rest). A part of Apicurio's converters also tells how its "id" is written; their subjects are GROUP/ARTIFACT, and
a schema's text is its type, what it refers to, and its content. Records stand by topic and offset. A key's partition depends on the schema id in its first bytes, so that
in a topic of several partitions it is not a number but "of the key" where murmur2 gives the one it was in, and the
records stand by key and offset. What differs from run to run stays as it was seen; whoever compares leaves it out.
"""

import functools
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .source_server import Origin

RECORDINGS = Path(__file__).resolve().parents[2] / "tests" / "recordings"


@dataclass
class Recording:
    case: str
    made_by: str
    row_metadata: str
    origin: Origin
    schemas: list[str] = field(default_factory=list)
    headers: list[list] = field(default_factory=list)
    subjects: dict[str, list[int]] = field(default_factory=dict)
    records: list[dict] = field(default_factory=list)
    offset: dict | None = None
    status: dict | None = None

    def has_failed(self) -> bool:
        return "FAILED" in [self.status["connector"], *self.status["tasks"]]

    def schema_number(self, text: str) -> int:
        return number_in(self.schemas, text)

    def headers_number(self, headers: list) -> int:
        return number_in(self.headers, headers)

    def write(self, path: Path) -> None:
        lines = [{"recording": self.case, "made_by": self.made_by, "row_metadata": self.row_metadata,
                  "origin": asdict(self.origin)}]
        lines += [{"schema": number, "text": with_names(text)} for number, text in enumerate(self.schemas)]
        lines += [{"subject": name, "schemas": numbers} for name, numbers in self.subjects.items()]
        lines += [{"headers": number, "list": headers} for number, headers in enumerate(self.headers)]
        lines += self.records
        lines += [{"offset": self.offset}, {"status": self.status}]
        text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
        path.write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Recording":
        recording = None
        # Not splitlines(): a string of the data may hold U+2028.
        for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
            entry = json.loads(line)
            match next(iter(entry)):
                case "recording":
                    recording = cls(entry["recording"], entry["made_by"], entry["row_metadata"], Origin(**entry["origin"]))
                case "schema":
                    recording.schemas.append(with_pieces(entry["text"]))
                case "subject":
                    recording.subjects[entry["subject"]] = entry["schemas"]
                case "headers":
                    recording.headers.append(entry["list"])
                case "topic":
                    recording.records.append(entry)
                case "offset":
                    recording.offset = entry["offset"]
                case "status":
                    recording.status = entry["status"]
                case other:
                    raise ValueError(f"{path}: a line that begins with {other}")
        return recording


def number_in(known: list, one) -> int:
    if one not in known:
        known.append(one)
    return known.index(one)


@functools.cache
def common_schemas() -> dict[str, str]:
    return json.loads((RECORDINGS / "common_schemas.json").read_text(encoding="utf-8"))


def with_names(schema: str) -> str:
    for name, piece in common_schemas().items():
        schema = schema.replace(piece, name)
    return schema


def with_pieces(schema: str) -> str:
    for name, piece in common_schemas().items():
        schema = schema.replace(name, piece)
    return schema
