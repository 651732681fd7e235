#!/usr/bin/env bash
# librdkafka sends every partition of a transaction in a request of its own.
#
# Seen with confluent-kafka 2.16.1 (PyPI; it holds librdkafka 2.16.0). A transaction with one record for each of 400 or
# 1,600 partitions, all led by one broker, all appended within linger.ms:
#
#   1. 400 and 1,600 Produce requests are sent: one per partition, whatever linger.ms and batch.size say. Kafka's Java client puts
#      the batches of all partitions that a broker leads into one request (its class `Sender` drains by node).
#   2. AddPartitionsToTxn does collect partitions: one to ten such requests.
#
# With at most five requests on their way (idempotence), the commit of a transaction that touches thousands of partitions takes as
# long as thousands of answers do, one after the other, where a Java producer waits for a handful. Change data of very many tables,
# whose topics have several partitions each, looks like that. The configuration reference
# (https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md) does not tell.
#
# The broker is the one that librdkafka brings along for tests (test.mock.num.brokers): requests are counted, not timed. Installs the
# public package into a temporary folder, runs it there, and removes it. Fails if the behaviour is another one. Needs python3 with venv.
set -euo pipefail

home=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
trap 'rm -rf "$home"' EXIT
python3 -m venv "$home/venv"
"$home/venv/bin/pip" --quiet --disable-pip-version-check install confluent-kafka==2.16.1

cat > "$home/count.py" <<'PYTHON'
import json
import sys

import confluent_kafka

PARTITIONS = 4  # of a topic that librdkafka's test broker creates
REQUESTS = ("Produce", "AddPartitionsToTxn")


def main(partitions):
    requests = {}

    def count(text):
        brokers = json.loads(text)["brokers"].values()
        for name in REQUESTS:
            requests[name] = sum(broker["req"].get(name, 0) for broker in brokers)

    producer = confluent_kafka.Producer({
        "test.mock.num.brokers": 1, "bootstrap.servers": "replaced", "transactional.id": "finding", "linger.ms": 1000,
        "statistics.interval.ms": 50, "stats_cb": count, "log_level": 0})
    producer.init_transactions(30)

    def transaction():
        producer.begin_transaction()
        for topic in range(partitions // PARTITIONS):
            for partition in range(PARTITIONS):
                producer.produce(f"topic-{topic}", b"a value", partition=partition)
        producer.commit_transaction(60)
        for _ in range(20):
            producer.poll(0.05)
        return dict(requests)

    # The first one creates the topics.
    before, after = transaction(), transaction()
    print(*(after[name] - before[name] for name in REQUESTS))


main(int(sys.argv[1]))
PYTHON

echo "librdkafka $("$home/venv/bin/python" -c 'import confluent_kafka; print(confluent_kafka.libversion()[0])')"
failed=
for partitions in 400 1600; do
    read -r produce add < <("$home/venv/bin/python" "$home/count.py" "$partitions")
    echo "$partitions partitions: $produce Produce requests, $add AddPartitionsToTxn requests"
    [ "$produce" = "$partitions" ] && [ "$add" -lt 50 ] || failed=1
done
[ -z "$failed" ] || exit 1
