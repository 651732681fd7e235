-- BinaryDataConverter: payloads of an outbox as the bytes they are, all else as JSON.
-- config: database.include.list = binary_data
-- config: predicates = outbox
-- config: predicates.outbox.type = TopicNameMatches
-- config: predicates.outbox.pattern = .*\.(outbox|texts)
-- config: transforms = outbox
-- config: transforms.outbox.type = io.debezium.transforms.outbox.EventRouter
-- config: transforms.outbox.predicate = outbox
-- config: transforms.outbox.route.topic.replacement = binary_data.events.${routedByValue}
-- config: transforms.outbox.route.tombstone.on.empty.payload = false
-- config: value.converter = io.debezium.converters.BinaryDataConverter
-- config: value.converter.delegate.converter.type = org.apache.kafka.connect.json.JsonConverter
-- config: value.converter.delegate.converter.type.schemas.enable = false

-- before snapshot
CREATE DATABASE binary_data;
USE binary_data;
CREATE TABLE outbox (id INT PRIMARY KEY, aggregatetype VARCHAR(40), aggregateid VARCHAR(40), type VARCHAR(40), payload BLOB);
CREATE TABLE texts (id INT PRIMARY KEY, aggregatetype VARCHAR(40), aggregateid VARCHAR(40), type VARCHAR(40), payload VARCHAR(40));
CREATE TABLE t (id INT PRIMARY KEY, price DECIMAL(5, 2));
INSERT INTO t VALUES (2, NULL);

-- stream
USE binary_data;
INSERT INTO outbox VALUES (1, 'bytes', 'a', 'made', 'raw; not JSON'), (2, 'bytes', 'b', 'made', ''), (3, 'bytes', 'c', 'made', NULL);
INSERT INTO texts VALUES (1, 'text', 'a', 'made', 'it is text');
INSERT INTO t VALUES (1, 1.25);
DELETE FROM t WHERE id = 1;
