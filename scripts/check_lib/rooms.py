"""The order of the rooms: each uses only what stands below it.

The order is the code map of ARCHITECTURE.md: a line without a blank in front names a crate, an indented one names its rooms,
that is folders and files of `src`, the highest first. Rooms on one line may use each other. What a file uses is read from its
`use` declarations and paths; tests are left out, and so are `lib.rs` and `main.rs`, which stand above everything.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEST_FILES = re.compile(r"(^|/)(tests\.rs$|tests/)")


def code_map() -> dict[str, dict[str, int]]:
    """Per crate its rooms, each with the line of the map that it stands on: a larger number is lower."""
    text = (ROOT / "ARCHITECTURE.md").read_text().split("## Code map", 1)[1].split("```", 2)[1]
    crates: dict[str, dict[str, int]] = {}
    for number, line in enumerate(text.splitlines()):
        if found := re.match(r"(\w[\w/]*)\b", line):
            rooms = crates.setdefault(found[1], {})
        elif found := re.match(r"  (\S.*?)(  |$)", line):
            rooms |= {name.strip(" /"): number for name in found[1].split(",") if name.strip()}
    return {crate: rooms for crate, rooms in crates.items() if (ROOT / crate / "src").is_dir()}


def code(file: Path) -> str:
    """A file's text without comments and without its tests."""
    text = re.sub(r"//.*", "", file.read_text())
    return re.split(r"#\[cfg\(test\)\]\s*mod \w+ \{", text)[0]


def used_rooms(file: Path, depth: int) -> set[str]:
    """The rooms that a file names; `depth` modules up is the crate."""
    to_crate = "|".join(["crate", "::".join(["super"] * depth)] if depth else ["crate"])
    found = re.findall(rf"\b(?:{to_crate})::(?:\{{([^;]*?)\}};|(\w+))", code(file))
    names = set()
    for group, name in found:
        names |= set(re.findall(r"(?:^|,)\s*(\w+)", re.sub(r"\{[^{}]*\}", "", group))) if group else {name}
    return names


def faults(crate: str, rooms: dict[str, int]) -> list[str]:
    found = []
    source = ROOT / crate / "src"
    tests = re.findall(r"#\[cfg\(test\)\]\s*mod (\w+);", (source / "lib.rs").read_text())
    for file in sorted(source.rglob("*.rs")):
        path = file.relative_to(source)
        room = path.parts[0].removesuffix(".rs")
        if TEST_FILES.search(str(path)) or str(path) in ("lib.rs", "main.rs") or room in tests:
            continue
        if room not in rooms:
            found.append(f"{crate}/src/{path}: `{room}` is not in the code map of ARCHITECTURE.md")
            continue
        depth = len(path.parts) - (path.name == "mod.rs")
        for used in sorted(used_rooms(file, depth) & rooms.keys()):
            if used != room and rooms[used] < rooms[room]:
                found.append(f"{crate}/src/{path}: uses `{used}`, which stands above `{room}`")
    return found


def check() -> int:
    crates = code_map()
    found = [fault for crate, rooms in crates.items() for fault in faults(crate, rooms)]
    print("\n".join(found) or f"{sum(map(len, crates.values()))} rooms use only what stands below them")
    return 1 if found else 0
