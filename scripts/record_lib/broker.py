"""The topics of one connector, as a `read_committed` consumer sees them from their first offset to their last."""

import time

from stack_lib.progress import StackError

TIMEOUT_SECONDS = 30


class Broker:
    def __init__(self, address: str):
        from confluent_kafka.admin import AdminClient
        self.address = address
        self.admin = AdminClient({"bootstrap.servers": address})

    def topics(self, prefix: str) -> list[str]:
        own = (prefix, history_topic(prefix), f"__debezium-heartbeat.{prefix}")
        names = self.admin.list_topics(timeout=TIMEOUT_SECONDS).topics
        return sorted(name for name in names if name in own or name.startswith(f"{prefix}."))

    def delete(self, prefix: str) -> None:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while topics := self.topics(prefix):
            for deletion in self.admin.delete_topics(topics).values():
                # Already on its way out: the next look tells.
                deletion.exception()
            if time.monotonic() > deadline:
                raise StackError(f"kafka: {topics} do not go away")
            time.sleep(0.1)

    def partitions(self, topic: str) -> int:
        return len(self.admin.list_topics(topic, timeout=TIMEOUT_SECONDS).topics[topic].partitions)

    def records(self, topic: str) -> list:
        """All committed records, by partition and offset."""
        from confluent_kafka import KafkaError, TopicPartition
        consumer = self.consumer()
        try:
            partitions = self.partitions(topic)
            consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
            records, ended = [], set()
            deadline = time.monotonic() + TIMEOUT_SECONDS
            while len(ended) < partitions:
                if time.monotonic() > deadline:
                    raise StackError(f"kafka: the end of {topic} was not reached within {TIMEOUT_SECONDS} s")
                message = consumer.poll(1.0)
                if message is None:
                    continue
                if message.error() is None:
                    records.append(message)
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    ended.add(message.partition())
                else:
                    raise StackError(f"kafka: {topic}: {message.error()}")
        finally:
            consumer.close()
        return sorted(records, key=lambda record: (record.partition(), record.offset()))

    def consumer(self):
        from confluent_kafka import Consumer
        # Nothing is committed under this group; the client wants a name.
        return Consumer({
            "bootstrap.servers": self.address, "group.id": "recorder", "isolation.level": "read_committed",
            "enable.auto.commit": False, "auto.offset.reset": "earliest", "enable.partition.eof": True,
            "fetch.wait.max.ms": 20,
        })


def history_topic(prefix: str) -> str:
    return f"{prefix}-history"
