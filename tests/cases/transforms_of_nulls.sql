-- Nulls with defaults, absent headers and blank payloads on their way through Debezium's transforms. With JsonConverter, which leaves nulls
-- as they are here.
-- config: database.include.list = transforms_of_nulls
-- config: key.converter = org.apache.kafka.connect.json.JsonConverter
-- config: value.converter = org.apache.kafka.connect.json.JsonConverter
-- config: value.converter.replace.null.with.default = false
-- config: predicates = alone,added,marked,kept,valued,outbox,has_new_key
-- config: predicates.alone.type = TopicNameMatches
-- config: predicates.alone.pattern = .*\.alone
-- config: predicates.added.type = TopicNameMatches
-- config: predicates.added.pattern = .*\.added
-- config: predicates.marked.type = TopicNameMatches
-- config: predicates.marked.pattern = .*\.marked
-- config: predicates.kept.type = TopicNameMatches
-- config: predicates.kept.pattern = .*\.kept
-- config: predicates.valued.type = TopicNameMatches
-- config: predicates.valued.pattern = .*\.valued
-- config: predicates.outbox.type = TopicNameMatches
-- config: predicates.outbox.pattern = .*\.outbox
-- config: predicates.has_new_key.type = HasHeaderKey
-- config: predicates.has_new_key.name = __debezium.newkey
-- config: transforms = alone,added,marked,kept,unwrap,h1,h2,value,outbox
-- config: transforms.alone.type = ExtractNewRecordState
-- config: transforms.alone.predicate = alone
-- config: transforms.added.type = ExtractNewRecordState
-- config: transforms.added.predicate = added
-- config: transforms.added.add.fields = op,source.table
-- config: transforms.marked.type = ExtractNewRecordState
-- config: transforms.marked.predicate = marked
-- config: transforms.marked.delete.tombstone.handling.mode = rewrite
-- config: transforms.kept.type = ExtractNewRecordState
-- config: transforms.kept.predicate = kept
-- config: transforms.kept.delete.tombstone.handling.mode = rewrite-with-tombstone
-- config: transforms.kept.add.fields = op
-- config: transforms.kept.replace.null.with.default = false
-- config: transforms.unwrap.type = ExtractNewRecordState
-- config: transforms.unwrap.predicate = valued
-- config: transforms.unwrap.delete.tombstone.handling.mode = rewrite
-- config: transforms.h1.type = org.apache.kafka.connect.transforms.InsertHeader
-- config: transforms.h1.predicate = valued
-- config: transforms.h1.header = h1
-- config: transforms.h1.value.literal = here
-- config: transforms.h2.type = org.apache.kafka.connect.transforms.InsertHeader
-- config: transforms.h2.predicate = has_new_key
-- config: transforms.h2.header = h2
-- config: transforms.h2.value.literal = moved
-- config: transforms.value.type = io.debezium.transforms.HeaderToValue
-- config: transforms.value.predicate = valued
-- config: transforms.value.headers = h1,h2
-- config: transforms.value.fields = origin,name
-- config: transforms.value.operation = copy
-- config: transforms.outbox.type = EventRouter
-- config: transforms.outbox.predicate = outbox
-- config: transforms.outbox.route.tombstone.on.empty.payload = true
-- config: transforms.outbox.table.field.event.timestamp = at

-- before snapshot
CREATE DATABASE transforms_of_nulls;
USE transforms_of_nulls;
CREATE TABLE alone (id INT PRIMARY KEY, name VARCHAR(30), n INT DEFAULT 5, price DECIMAL(10,2) DEFAULT 1.25);
CREATE TABLE added LIKE alone;
CREATE TABLE marked LIKE alone;
CREATE TABLE kept LIKE alone;
CREATE TABLE valued LIKE alone;
CREATE TABLE outbox (id INT PRIMARY KEY, aggregatetype VARCHAR(30), aggregateid VARCHAR(30), payload VARCHAR(30), at DATETIME(3));
INSERT INTO alone VALUES (1, 'one', 1, 1), (2, NULL, NULL, NULL);
INSERT INTO added SELECT * FROM alone;
INSERT INTO marked SELECT * FROM alone;
INSERT INTO kept SELECT * FROM alone;
INSERT INTO valued SELECT * FROM alone;

-- stream
USE transforms_of_nulls;
UPDATE alone SET n = NULL WHERE id = 1;
DELETE FROM alone WHERE id = 1;
UPDATE added SET n = NULL WHERE id = 1;
DELETE FROM added WHERE id = 1;
UPDATE marked SET n = NULL WHERE id = 1;
DELETE FROM marked WHERE id = 1;
UPDATE kept SET n = NULL WHERE id = 1;
DELETE FROM kept WHERE id = 1;
UPDATE valued SET id = 3 WHERE id = 1;
UPDATE valued SET name = 'drei', n = NULL WHERE id = 3;
INSERT INTO valued VALUES (4, NULL, NULL, NULL);
INSERT INTO outbox VALUES (1, 'a', 'k1', 'text', '2024-02-29 12:34:56.789'), (2, 'a', 'k2', ' ', '1970-01-01 00:00:00.001'), (3, 'a', 'k3', '\t\r\n', NULL), (4, 'a', 'k4', CONVERT(0xC2A0 USING utf8mb4), NULL), (5, 'a', 'k5', NULL, '2024-02-29 12:34:56');
