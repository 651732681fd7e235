"""The consumer that says when the last record became visible: tests/examples/bench_consumer.rs, as a process."""

import json
import subprocess
from pathlib import Path

from stack_lib.progress import StackError


class TopicReader:
    """Started before the records come; it waits for the topic to appear."""

    def __init__(self, program: Path, bootstrap: str, topic: str, count: int, registry: str = "", skipped: int = 0):
        latency = [registry, str(skipped)] if registry else []
        self.process = subprocess.Popen(
            [program, bootstrap, topic, str(count), *latency], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    def is_done(self) -> bool:
        return self.process.poll() is not None

    def result(self) -> dict:
        output, _ = self.process.communicate()
        if self.process.returncode != 0:
            raise StackError("the consumer did not see all records; its reason is above")
        return json.loads(output)

    def end(self) -> None:
        if not self.is_done():
            self.process.kill()
            self.process.wait()
