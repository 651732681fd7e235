"""The schema registry: subjects, their versions, and payloads decoded by the schema that their first bytes name."""

import io
import json
import struct
import urllib.parse

from . import http_json

LONGEST_STRING = 2000
MAGIC = b"\x00"


class Registry:
    def __init__(self, url: str):
        self.url = url
        self.texts: dict[int, str] = {}
        self.parsed: dict[int, dict] = {}

    def subjects(self, prefix: str) -> list[str]:
        """Those of the topics `prefix` and `prefix.*`."""
        subjects = http_json.call("GET", f"{self.url}/subjects")
        topics = (f"{prefix}-key", f"{prefix}-value")
        return sorted(subject for subject in subjects
                      if subject in topics or subject.startswith(f"{prefix}.") or f"heartbeat.{prefix}-" in subject)

    def versions(self, subject: str) -> list[int]:
        """The schema ids of a subject's versions."""
        url = f"{self.url}/subjects/{quoted(subject)}/versions"
        return [http_json.call("GET", f"{url}/{version}")["id"] for version in sorted(http_json.call("GET", url))]

    def delete(self, subject: str) -> None:
        url = f"{self.url}/subjects/{quoted(subject)}"
        http_json.call("DELETE", url)
        http_json.call("DELETE", f"{url}?permanent=true")

    def text(self, schema: int) -> str:
        if schema not in self.texts:
            self.texts[schema] = http_json.call("GET", f"{self.url}/schemas/ids/{schema}")["schema"]
        return self.texts[schema]

    def decode(self, payload: bytes):
        """The schema's id and the value: unions are their branch's value, bytes and decimals hexadecimal, long strings shortened."""
        import fastavro
        if payload[:1] != MAGIC:
            raise ValueError(f"not in the registry's wire format: {payload[:16]!r}")
        (schema,) = struct.unpack(">i", payload[1:5])
        if schema not in self.parsed:
            self.parsed[schema] = fastavro.parse_schema(without_logical_types(json.loads(self.text(schema))))
        body = io.BytesIO(payload[5:])
        value = fastavro.schemaless_reader(body, self.parsed[schema])
        if rest := body.read():
            raise ValueError(f"{len(rest)} bytes are left behind the value")
        return schema, as_json(value)


def quoted(subject: str) -> str:
    return urllib.parse.quote(subject, safe="")


def without_logical_types(schema):
    """The bytes of a decimal are compared, not only its number: the connector writes the shortest form."""
    if isinstance(schema, dict):
        return {key: without_logical_types(value) for key, value in schema.items() if key != "logicalType"}
    if isinstance(schema, list):
        return [without_logical_types(part) for part in schema]
    return schema


def as_json(value):
    if isinstance(value, bytes):
        return shortened(value.hex())
    if isinstance(value, str):
        return shortened(value)
    if isinstance(value, dict):
        return {key: as_json(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_json(part) for part in value]
    return value


def shortened(text: str) -> str:
    if len(text) <= LONGEST_STRING:
        return text
    return f"{text[:100]}.. {len(text)} characters, FNV-1a {fnv_1a(text.encode()):016x}"


def fnv_1a(data: bytes) -> int:
    """The 64-bit form; short enough for every language that reads recordings to have its own."""
    result = 0xCBF29CE484222325
    for byte in data:
        result = (result ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return result
