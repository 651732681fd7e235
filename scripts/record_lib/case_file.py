"""A case: one `.sql` file of tests/cases, cut into the sections that run before the snapshot, while streaming, or stopped.

The leading comment says what the case shows. Lines of it that read `-- config: KEY = VALUE` are connector settings, in which
`{scratch}` is an empty folder of the run's own,
`-- binlog_row_metadata: MINIMAL, FULL` runs the case once with each. Then each section begins with its marker line.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

BEFORE_SNAPSHOT = "before snapshot"
STREAM = "stream"
WHILE_STOPPED = "while stopped"
MARKER = re.compile(r"-- (before snapshot|stream|while stopped)")
CONFIG = re.compile(r"-- config: *(\S+) *= *(.*)")
ROW_METADATA = re.compile(r"-- binlog_row_metadata: *(.*)")


@dataclass
class Section:
    kind: str
    sql: str


@dataclass
class Case:
    name: str
    config: dict[str, str] = field(default_factory=dict)
    row_metadata: list[str] = field(default_factory=lambda: ["MINIMAL"])
    sections: list[Section] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "Case":
        case = cls(path.stem)
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            text = line.rstrip()
            if marker := MARKER.fullmatch(text):
                case.sections.append(Section(marker[1], ""))
            elif case.sections:
                case.sections[-1].sql += line
            elif setting := CONFIG.fullmatch(text):
                case.config[setting[1]] = setting[2]
            elif choice := ROW_METADATA.fullmatch(text):
                case.row_metadata = re.split(r", *", choice[1])
            elif text and not text.startswith("--"):
                raise ValueError(f"{path}: SQL before the first section marker: {text}")
        if not case.sections or case.sections[0].kind != BEFORE_SNAPSHOT:
            raise ValueError(f"{path}: the first section must be `-- {BEFORE_SNAPSHOT}`")
        return case
