-- Partitions chosen by fields of every type; keys are JSON, so that theirs do not depend on the ids of schemas.
-- config: database.include.list = partition_routing
-- config: topic.creation.default.partitions = 3
-- config: key.converter = org.apache.kafka.connect.json.JsonConverter
-- config: key.converter.schemas.enable = false
-- config: predicates = parted,parted_types,parted_murmur,parted_not
-- config: predicates.parted.type = TopicNameMatches
-- config: predicates.parted.pattern = .*\.parted
-- config: predicates.parted_types.type = TopicNameMatches
-- config: predicates.parted_types.pattern = .*\.parted_types
-- config: predicates.parted_murmur.type = TopicNameMatches
-- config: predicates.parted_murmur.pattern = .*\.parted_murmur
-- config: predicates.parted_not.type = TopicNameMatches
-- config: predicates.parted_not.pattern = .*\.parted_not
-- config: transforms = part6,part7,part8,part9
-- config: transforms.part6.type = io.debezium.transforms.partitions.PartitionRouting
-- config: transforms.part6.predicate = parted
-- config: transforms.part6.partition.payload.fields = change.name, source.table ,nothing.at.all,op.x,change.nothing
-- config: transforms.part6.partition.topic.num = 3
-- config: transforms.part7.type = io.debezium.transforms.partitions.PartitionRouting
-- config: transforms.part7.predicate = parted_types
-- config: transforms.part7.partition.payload.fields = change.id,change.n,change.big,change.d,change.f,change.price,change.raw,change.at,change.flag
-- config: transforms.part7.partition.topic.num = 3
-- config: transforms.part8.type = io.debezium.transforms.partitions.PartitionRouting
-- config: transforms.part8.predicate = parted_murmur
-- config: transforms.part8.partition.payload.fields = change.id,change.name,change.big,change.price,change.raw,change.bits
-- config: transforms.part8.partition.topic.num = 3
-- config: transforms.part8.partition.hash.function = MURMUR
-- config: transforms.part9.type = io.debezium.transforms.partitions.PartitionRouting
-- config: transforms.part9.predicate = parted_not
-- config: transforms.part9.partition.payload.fields = change.name
-- config: transforms.part9.partition.topic.num = 3

-- before snapshot
CREATE DATABASE partition_routing;
USE partition_routing;
CREATE TABLE parted (id INT PRIMARY KEY, name VARCHAR(30), n INT DEFAULT 5, big BIGINT, f FLOAT, d DOUBLE, price DECIMAL(30,2) DEFAULT 1.25, raw VARBINARY(9), bits BIT(12), at DATETIME(6), flag BOOLEAN NOT NULL DEFAULT 1);
CREATE TABLE parted_types LIKE parted;
CREATE TABLE parted_murmur LIKE parted;
CREATE TABLE parted_not LIKE parted;
INSERT INTO parted VALUES (1, 'one', 1, 5000000000, 1.5, -0.25, -92233720368547758.08, 0x01FF, b'100000000001', '2024-02-29 12:34:56.789012', 0), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1);
INSERT INTO parted_types SELECT * FROM parted;
INSERT INTO parted_murmur SELECT * FROM parted;
INSERT INTO parted_not SELECT * FROM parted;

-- stream
USE partition_routing;
UPDATE parted SET name = 'eins', n = NULL, price = 123456789012345678901234.56 WHERE id = 1;
UPDATE parted SET name = NULL, raw = '' WHERE id = 1;
UPDATE parted SET id = 3 WHERE id = 1;
INSERT INTO parted (id, name, big) VALUES (4, 'vier, ein langer Name 😀', -5);
UPDATE parted_types SET name = 'eins', n = NULL, price = 123456789012345678901234.56 WHERE id = 1;
UPDATE parted_types SET name = NULL, raw = '' WHERE id = 1;
UPDATE parted_types SET id = 3 WHERE id = 1;
INSERT INTO parted_types (id, name, big) VALUES (4, 'vier, ein langer Name 😀', -5);
UPDATE parted_murmur SET name = 'eins', n = NULL, price = 123456789012345678901234.56 WHERE id = 1;
UPDATE parted_murmur SET name = NULL, raw = '' WHERE id = 1;
UPDATE parted_murmur SET id = 3 WHERE id = 1;
INSERT INTO parted_murmur (id, name, big) VALUES (4, 'vier, ein langer Name 😀', -5);
UPDATE parted_not SET name = 'eins', n = NULL, price = 123456789012345678901234.56 WHERE id = 1;
UPDATE parted_not SET name = NULL, raw = '' WHERE id = 1;
UPDATE parted_not SET id = 3 WHERE id = 1;
INSERT INTO parted_not (id, name, big) VALUES (4, 'vier, ein langer Name 😀', -5);
ALTER TABLE parted_types ADD more INT NOT NULL DEFAULT 7;
UPDATE parted_types SET more = 8, name = 'x' WHERE id = 2;
CREATE TABLE soon_gone (id INT PRIMARY KEY);
DROP TABLE soon_gone;
DELETE FROM parted WHERE id IN (2, 3);
DELETE FROM parted_types WHERE id IN (2, 3);
DELETE FROM parted_murmur WHERE id IN (2, 3);
DELETE FROM parted_not WHERE id IN (2, 3);
