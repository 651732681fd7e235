-- The same with JsonConverter, which writes a null with a schema out.
-- config: database.include.list = unwrap_json
-- config: key.converter = org.apache.kafka.connect.json.JsonConverter
-- config: key.converter.schemas.enable = false
-- config: value.converter = org.apache.kafka.connect.json.JsonConverter
-- config: include.schema.changes = true
-- config: predicates = dropping,tombstoning,rewriting,both,single,routed,bare
-- config: predicates.dropping.type = org.apache.kafka.connect.transforms.predicates.TopicNameMatches
-- config: predicates.dropping.pattern = .*\.dropping
-- config: predicates.tombstoning.type = org.apache.kafka.connect.transforms.predicates.TopicNameMatches
-- config: predicates.tombstoning.pattern = .*\.tombstoning
-- config: predicates.rewriting.type = org.apache.kafka.connect.transforms.predicates.TopicNameMatches
-- config: predicates.rewriting.pattern = .*\.rewriting
-- config: predicates.both.type = org.apache.kafka.connect.transforms.predicates.TopicNameMatches
-- config: predicates.both.pattern = .*\.both
-- config: predicates.single.type = org.apache.kafka.connect.transforms.predicates.TopicNameMatches
-- config: predicates.single.pattern = .*\.single
-- config: predicates.routed.type = org.apache.kafka.connect.transforms.predicates.TopicNameMatches
-- config: predicates.routed.pattern = .*\.routed
-- config: predicates.bare.type = TopicNameMatches
-- config: predicates.bare.pattern = .*\.(dropping|tombstoning|rewriting|both|single|routed)
-- config: transforms = bare,dropping,tombstoning,rewriting,both,single,routed
-- config: transforms.dropping.type = io.debezium.transforms.ExtractNewRecordState
-- config: transforms.dropping.predicate = dropping
-- config: transforms.dropping.delete.tombstone.handling.mode = drop
-- config: transforms.tombstoning.type = io.debezium.transforms.ExtractNewRecordState
-- config: transforms.tombstoning.predicate = tombstoning
-- config: transforms.tombstoning.add.headers = op,source.table
-- config: transforms.rewriting.type = io.debezium.transforms.ExtractNewRecordState
-- config: transforms.rewriting.predicate = rewriting
-- config: transforms.rewriting.delete.tombstone.handling.mode = rewrite
-- config: transforms.rewriting.add.fields = op,table,source.db:database,transaction.id,snapshot,query,nothing
-- config: transforms.both.type = io.debezium.transforms.ExtractNewRecordState
-- config: transforms.both.predicate = both
-- config: transforms.both.delete.tombstone.handling.mode = rewrite-with-tombstone
-- config: transforms.both.add.headers = op,source.connector,source.snapshot,transaction.id,row
-- config: transforms.both.add.headers.prefix = x.
-- config: transforms.both.add.fields = op
-- config: transforms.both.add.fields.prefix = _
-- config: transforms.single.type = io.debezium.transforms.ExtractNewRecordState
-- config: transforms.single.predicate = single
-- config: transforms.single.delete.tombstone.handling.mode = delete-to-tombstone
-- config: transforms.routed.type = io.debezium.transforms.ExtractNewRecordState
-- config: transforms.routed.predicate = routed
-- config: transforms.routed.route.by.field = destination
-- config: transforms.bare.type = ExtractNewRecordState
-- config: transforms.bare.predicate = bare
-- config: transforms.bare.negate = true

-- before snapshot
CREATE DATABASE unwrap_json;
USE unwrap_json;
CREATE TABLE dropping (id INT PRIMARY KEY, name VARCHAR(20), n INT DEFAULT 5, at DATETIME(3), price DECIMAL(6,2) DEFAULT 1.25);
CREATE TABLE tombstoning LIKE dropping;
CREATE TABLE rewriting LIKE dropping;
CREATE TABLE `both` LIKE dropping;
CREATE TABLE single LIKE dropping;
CREATE TABLE bare LIKE dropping;
CREATE TABLE keyless (a INT NOT NULL, b VARCHAR(9) NOT NULL DEFAULT 'x');
CREATE TABLE routed (id INT PRIMARY KEY, destination VARCHAR(40));
INSERT INTO dropping VALUES (1, 'one', 1, '2024-02-29 12:34:56.789', 12.5), (2, NULL, NULL, NULL, NULL);
INSERT INTO tombstoning SELECT * FROM dropping;
INSERT INTO rewriting SELECT * FROM dropping;
INSERT INTO `both` SELECT * FROM dropping;
INSERT INTO single SELECT * FROM dropping;
INSERT INTO bare SELECT * FROM dropping;
INSERT INTO keyless (a) VALUES (1);
INSERT INTO routed VALUES (1, 'unwrap_json.elsewhere'), (2, NULL), (3, ' ');

-- stream
USE unwrap_json;
UPDATE dropping SET name = 'eins' WHERE id = 1;
UPDATE dropping SET id = 3 WHERE id = 1;
DELETE FROM dropping;
UPDATE tombstoning SET name = 'eins' WHERE id = 1;
UPDATE tombstoning SET id = 3 WHERE id = 1;
DELETE FROM tombstoning;
UPDATE rewriting SET name = 'eins' WHERE id = 1;
UPDATE rewriting SET id = 3 WHERE id = 1;
ALTER TABLE rewriting ADD more SMALLINT NOT NULL DEFAULT 7;
INSERT INTO rewriting (id) VALUES (4);
DELETE FROM rewriting;
UPDATE `both` SET name = 'eins' WHERE id = 1;
UPDATE `both` SET id = 3 WHERE id = 1;
DELETE FROM `both`;
UPDATE single SET name = 'eins' WHERE id = 1;
UPDATE single SET id = 3 WHERE id = 1;
DELETE FROM single;
UPDATE bare SET id = 3 WHERE id = 1;
DELETE FROM bare;
UPDATE keyless SET a = 2;
DELETE FROM keyless;
INSERT INTO routed VALUES (4, 'unwrap_json.elsewhere'), (5, 'unwrap_json.third');
UPDATE routed SET destination = 'unwrap_json.third' WHERE id = 1;
DELETE FROM routed;
