"""Apicurio Registry by its own API: artifacts, their versions, and what Apicurio's converters wrote.

Answers as `Registry` does, for cases whose converter is one of Apicurio's. A version goes by its globalId here.
"""

import io
import json
import urllib.parse
from dataclasses import dataclass

from . import http_json
from .registry import as_json, without_logical_types

PACKAGE = "io.apicurio."
URL = "apicurio.registry.url"
# So far the two ids of a version are kept apart that no case can take one for the other.
DISTANCE = 200
ID_HEADERS = tuple(f"apicurio.{part}.{kind}" for part in ("key", "value") for kind in ("globalId", "contentId"))


@dataclass
class Version:
    """One of an artifact's, with the versions that its content names."""
    group: str
    artifact: str
    kind: str
    global_id: int
    content_id: int
    content: str
    references: list[dict]


class ApicurioRegistry:
    def __init__(self, ccompat_url: str):
        self.server = ccompat_url.partition("/apis/")[0]
        self.url = f"{self.server}/apis/registry/v3"
        self.known: dict[int, Version] = {}
        self.parsed: dict[int, dict] = {}

    def address(self, path: str) -> str:
        """What a case says of its registry is a path."""
        return f"{self.server}{path}"

    def get(self, path: str):
        return http_json.call("GET", f"{self.url}/{path}")

    def keep_ids_apart(self) -> None:
        while True:
            version = http_json.call(
                "POST", f"{self.url}/groups/recorder/artifacts?ifExists=CREATE_VERSION",
                {"artifactId": "apart", "artifactType": "AVRO", "firstVersion": {
                    "content": {"content": '"null"', "contentType": "application/json"}}})["version"]
            if version["globalId"] - version["contentId"] >= DISTANCE:
                return

    def artifacts(self, prefix: str) -> list[tuple[str, str]]:
        """Those of the topics `prefix` and `prefix.*`, and of the records in them."""
        found, offset = [], 0
        while page := self.get(f"search/artifacts?limit=500&offset={offset}")["artifacts"]:
            found += [(each.get("groupId") or "default", each["artifactId"]) for each in page]
            offset += len(page)
        whole = (f"{prefix}-key", f"{prefix}-value")
        return sorted((group, name) for group, name in found
                      if name in whole or f"{group}.{name}".startswith((f"{prefix}.", f"default.{prefix}.", f"{prefix}-"))
                      or f"heartbeat.{prefix}" in name)

    def subjects(self, prefix: str) -> list[str]:
        return [f"{group}/{name}" for group, name in self.artifacts(prefix)]

    def versions(self, subject: str) -> list[int]:
        group, _, name = subject.partition("/")
        path = f"groups/{quoted(group)}/artifacts/{quoted(name)}"
        kind = self.get(path)["artifactType"]
        ids = []
        for each in sorted(self.get(f"{path}/versions?limit=500")["versions"], key=lambda each: each["globalId"]):
            at = f"{path}/versions/{quoted(each['version'])}"
            self.known[each["globalId"]] = Version(
                group, name, kind, each["globalId"], each["contentId"],
                http_json.text(f"{self.url}/{at}/content"), self.get(f"{at}/references"))
            ids.append(each["globalId"])
        return ids

    def delete(self, subject: str) -> None:
        group, _, name = subject.partition("/")
        http_json.call("DELETE", f"{self.url}/groups/{quoted(group)}/artifacts/{quoted(name)}")

    def text(self, global_id: int) -> str:
        """The type, what the content names, and the content."""
        version = self.known[global_id]
        names = [f"{each['name']} is {each.get('groupId') or 'default'}/{each['artifactId']} {each['version']}"
                 for each in version.references]
        return "\n".join([version.kind, *names, version.content])

    def learn(self, prefix: str) -> None:
        """All versions of a case's artifacts, before its records are decoded."""
        for subject in self.subjects(prefix):
            self.versions(subject)

    def part(self, topic: str, role: str, payload: bytes, headers: list) -> tuple[int, str, object]:
        """The version that the payload names, how it names it, and the value."""
        for kind in ("globalId", "contentId"):
            for name, value in headers:
                if name == f"apicurio.{role}.{kind}":
                    version, found = self.version(topic, int.from_bytes(value))
                    return version.global_id, f"{found} in a header of {len(value)} bytes", self.datum(version, payload)
        if payload[:1] == b"{":
            document = json.loads(payload)
            version, found = self.version(topic, document.pop("schemaId"))
            if list(document) != ["payload"]:
                raise ValueError(f"no schemaId and payload: {payload[:80]!r}")
            return version.global_id, f"{found} as schemaId", document["payload"]
        length = 8 if payload[1:5] == bytes(4) else 4
        version, found = self.version(topic, int.from_bytes(payload[1:1 + length]))
        return version.global_id, f"{found} in {length} bytes", self.datum(version, payload[1 + length:])

    def version(self, topic: str, number: int) -> tuple[Version, str]:
        for version in self.known.values():
            if version.global_id == number:
                return version, "globalId"
        for version in self.known.values():
            if version.content_id == number:
                return version, "contentId"
        raise ValueError(f"{topic}: no version of its artifacts has the id {number}")

    def datum(self, version: Version, data: bytes):
        import fastavro
        if version.global_id not in self.parsed:
            named: dict = {}
            self.parse_references(version.references, named)
            self.parsed[version.global_id] = fastavro.parse_schema(
                without_logical_types(json.loads(version.content)), named_schemas=named)
        body = io.BytesIO(data)
        value = fastavro.schemaless_reader(body, self.parsed[version.global_id])
        if rest := body.read():
            raise ValueError(f"{len(rest)} bytes are left behind the value")
        return as_json(value)

    def parse_references(self, references: list[dict], named: dict) -> None:
        import fastavro
        for each in references:
            at = f"groups/{quoted(each.get('groupId') or 'default')}/artifacts/{quoted(each['artifactId'])}/versions/{quoted(each['version'])}"
            self.parse_references(self.get(f"{at}/references"), named)
            if each["name"] not in named:
                content = http_json.text(f"{self.url}/{at}/content")
                fastavro.parse_schema(without_logical_types(json.loads(content)), named_schemas=named)


def quoted(name: str) -> str:
    return urllib.parse.quote(name, safe="")


def shown(name: str, value: bytes | None) -> str | None:
    """A header's text; that of an id depends on the registry."""
    if name in ID_HEADERS:
        return f"an id in {len(value)} bytes"
    return value if value is None else value.decode()
