"""Other people's decoders, from PyPI: a Kafka client and an Avro reader, in the cache folder and not on the machine."""

import sys
from pathlib import Path

from stack_lib import cache
from stack_lib.progress import run_logged

PACKAGES = ["confluent-kafka==2.16.1", "fastavro==1.13.1"]
NAME = "recorder-" + "-".join(package.split("==")[1] for package in PACKAGES)


def make_importable() -> None:
    sys.path.insert(0, str(cache.entry(NAME, build)))


def build(part: Path) -> None:
    run_logged(NAME, "downloading", [
        sys.executable, "-m", "pip", "install", "--quiet", "--root-user-action=ignore", "--target", part, *PACKAGES],
        cache.install_log(NAME))
