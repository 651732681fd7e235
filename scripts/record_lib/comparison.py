"""Two recordings of one case, field by field: what varies from run to run is left out, what is meant to differ is named.

tests/recordings/differences.json names the deliberate differences, each with its reason; the scenario test reads it too.
A rule has `cases` and `path` (in which `*` stands for any text), and may pin the values down: `incumbent` and `rowmill`,
where "absent" is for a field that is not there.
"""

import json
import re
from difflib import SequenceMatcher
from pathlib import Path

from .normal_form import normal_forms
from .recording import Recording

MISSING = object()


class Comparison:
    def __init__(self, rules: list[dict]):
        self.rules = rules
        self.used: set[str] = set()

    @classmethod
    def load(cls, path: Path, explain_nothing: bool = False) -> "Comparison":
        return cls([] if explain_nothing else json.loads(path.read_text(encoding="utf-8"))["deliberate"])

    @staticmethod
    def between(expected: Recording, actual: Recording) -> list[str]:
        return Comparison([]).unexplained(expected, actual)

    def unexplained(self, expected: Recording, actual: Recording) -> list[str]:
        problems = [describe(*difference) for difference in differences(*normal_forms(expected, actual))
                    if not self.explains(expected.case, *difference)]
        return problems + actual.status["errors"] if problems and actual.has_failed() else problems

    def explains(self, case: str, path: str, expected, actual) -> bool:
        for rule in self.rules:
            if (any(matches(pattern, case) for pattern in rule["cases"]) and matches(rule["path"], path)
                    and is_as_ruled(rule, "incumbent", expected) and is_as_ruled(rule, "rowmill", actual)):
                self.used.add(rule["name"])
                return True
        return False

    def unused(self) -> list[str]:
        return [rule["name"] for rule in self.rules if rule["name"] not in self.used]


def matches(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


def is_as_ruled(rule: dict, side: str, value) -> bool:
    if side not in rule:
        return True
    return rule[side] == ("absent" if value is MISSING else value)


def differences(expected, actual, path: str = ""):
    """(path, expected, actual) of every leaf that differs; records of a topic are paired by key and operation."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        yield from differences_of_objects(expected, actual, path)
    elif isinstance(expected, list) and isinstance(actual, list):
        yield from differences_of_lists(expected, actual, path)
    elif type(expected) is not type(actual) or expected != actual:
        yield path, expected, actual


def differences_of_objects(expected: dict, actual: dict, path: str):
    # The order of fields is the schema's; in JSON that has no schema it is no one's promise.
    for name in [*expected, *(name for name in actual if name not in expected)]:
        inner = f"{path}.{name}" if path else name
        if name not in actual or name not in expected:
            yield inner, expected.get(name, MISSING), actual.get(name, MISSING)
        else:
            yield from differences(expected[name], actual[name], inner)


def differences_of_lists(expected: list, actual: list, path: str):
    if len(expected) == len(actual):
        pairs = [(index, index) for index in range(len(expected))]
    else:
        pairs = aligned([identity(part) for part in expected], [identity(part) for part in actual])
    for left, right in pairs:
        if left is None:
            yield f"{path}[+{right}]", MISSING, actual[right]
        elif right is None:
            yield f"{path}[{left}]", expected[left], MISSING
        else:
            yield from differences(expected[left], actual[right], f"{path}[{left}]")


def identity(part) -> str:
    """What a record is about, without what may differ."""
    if not isinstance(part, dict):
        return json.dumps(part)
    value = part.get("value") or {}
    ddl = (value.get("value") or value.get("json") or {}).get("ddl")
    operation = (value.get("value") or {}).get("op")
    return json.dumps([(part.get("key") or {}).get("value"), operation, ddl])


def aligned(left: list[str], right: list[str]) -> list[tuple[int | None, int | None]]:
    pairs = []
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal" or (kind == "replace" and b - a == d - c):
            pairs += zip(range(a, b), range(c, d))
        else:
            pairs += [(index, None) for index in range(a, b)]
            pairs += [(None, index) for index in range(c, d)]
    return pairs


def describe(path: str, expected, actual) -> str:
    if isinstance(expected, str) and isinstance(actual, str) and max(len(expected), len(actual)) > 120:
        same = next((i for i, (a, b) in enumerate(zip(expected, actual)) if a != b), min(len(expected), len(actual)))
        start = max(0, same - 60)
        expected, actual = f"..{expected[start:same + 100]}..", f"..{actual[start:same + 100]}.."
    return f"{path}: expected {shown(expected)}, got {shown(actual)}"


def shown(value) -> str:
    if value is MISSING:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 600 else f"{text[:600]}.. ({len(text)} characters)"
