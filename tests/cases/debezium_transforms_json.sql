-- Debezium's transforms for headers and schema changes: changed columns listed, left out, and put into values; schema changes of some
-- kinds left out. With JsonConverter.
-- config: database.include.list = debezium_transforms_json
-- config: include.schema.changes = true
-- config: key.converter = org.apache.kafka.connect.json.JsonConverter
-- config: value.converter = org.apache.kafka.connect.json.JsonConverter
-- config: predicates = listed,dropped,dropped_all,dropped_keys,valued,valued_rows
-- config: predicates.listed.type = TopicNameMatches
-- config: predicates.listed.pattern = .*\.listed
-- config: predicates.dropped.type = TopicNameMatches
-- config: predicates.dropped.pattern = .*\.dropped
-- config: predicates.dropped_all.type = TopicNameMatches
-- config: predicates.dropped_all.pattern = .*\.dropped_all
-- config: predicates.dropped_keys.type = TopicNameMatches
-- config: predicates.dropped_keys.pattern = .*\.dropped_keys
-- config: predicates.valued.type = TopicNameMatches
-- config: predicates.valued.pattern = .*\.valued
-- config: predicates.valued_rows.type = TopicNameMatches
-- config: predicates.valued_rows.pattern = .*\.valued_rows
-- config: transforms = changed,before1,drop1,before2,drop2,before3,drop3,before4,text4,small4,short4,int4,long4,flag4,value4,before5,unwrap5,value5,ddl
-- config: transforms.changed.type = io.debezium.transforms.ExtractChangedRecordState
-- config: transforms.changed.predicate = listed
-- config: transforms.changed.header.changed.name = Changed
-- config: transforms.changed.header.unchanged.name = Unchanged
-- config: transforms.before1.type = io.debezium.transforms.ExtractChangedRecordState
-- config: transforms.before1.predicate = dropped
-- config: transforms.before1.header.unchanged.name = same
-- config: transforms.drop1.type = ExtractNewRecordState
-- config: transforms.drop1.predicate = dropped
-- config: transforms.drop1.drop.fields.header.name = same
-- config: transforms.drop1.add.fields = op
-- config: transforms.drop1.add.headers = op
-- config: transforms.before2.type = io.debezium.transforms.ExtractChangedRecordState
-- config: transforms.before2.predicate = dropped_all
-- config: transforms.before2.header.unchanged.name = same
-- config: transforms.drop2.type = ExtractNewRecordState
-- config: transforms.drop2.predicate = dropped_all
-- config: transforms.drop2.drop.fields.header.name = same
-- config: transforms.drop2.drop.fields.keep.schema.compatible = false
-- config: transforms.drop2.delete.tombstone.handling.mode = rewrite
-- config: transforms.drop2.add.fields = op
-- config: transforms.before3.type = io.debezium.transforms.ExtractChangedRecordState
-- config: transforms.before3.predicate = dropped_keys
-- config: transforms.before3.header.changed.name = other
-- config: transforms.drop3.type = ExtractNewRecordState
-- config: transforms.drop3.predicate = dropped_keys
-- config: transforms.drop3.drop.fields.header.name = other
-- config: transforms.drop3.drop.fields.keep.schema.compatible = false
-- config: transforms.drop3.drop.fields.from.key = true
-- config: transforms.drop3.delete.tombstone.handling.mode = rewrite-with-tombstone
-- config: transforms.before4.type = io.debezium.transforms.ExtractChangedRecordState
-- config: transforms.before4.predicate = valued
-- config: transforms.before4.header.changed.name = Changed
-- config: transforms.text4.type = org.apache.kafka.connect.transforms.InsertHeader
-- config: transforms.text4.predicate = valued
-- config: transforms.text4.header = origin
-- config: transforms.text4.value.literal = here
-- config: transforms.small4.type = org.apache.kafka.connect.transforms.InsertHeader
-- config: transforms.small4.predicate = valued
-- config: transforms.small4.header = small
-- config: transforms.small4.value.literal = 12
-- config: transforms.short4.type = org.apache.kafka.connect.transforms.InsertHeader
-- config: transforms.short4.predicate = valued
-- config: transforms.short4.header = short
-- config: transforms.short4.value.literal = -300
-- config: transforms.int4.type = org.apache.kafka.connect.transforms.InsertHeader
-- config: transforms.int4.predicate = valued
-- config: transforms.int4.header = int
-- config: transforms.int4.value.literal = 70000
-- config: transforms.long4.type = org.apache.kafka.connect.transforms.InsertHeader
-- config: transforms.long4.predicate = valued
-- config: transforms.long4.header = long
-- config: transforms.long4.value.literal = -5000000000
-- config: transforms.flag4.type = org.apache.kafka.connect.transforms.InsertHeader
-- config: transforms.flag4.predicate = valued
-- config: transforms.flag4.header = flag
-- config: transforms.flag4.value.literal = true
-- config: transforms.value4.type = io.debezium.transforms.HeaderToValue
-- config: transforms.value4.predicate = valued
-- config: transforms.value4.headers = flag,Changed,origin,small,short,int,long,absent
-- config: transforms.value4.fields = flag,changed,source.origin,meta.small,short,meta.int,long,absent
-- config: transforms.value4.operation = move
-- config: transforms.before5.type = io.debezium.transforms.ExtractChangedRecordState
-- config: transforms.before5.predicate = valued_rows
-- config: transforms.before5.header.changed.name = Changed
-- config: transforms.unwrap5.type = ExtractNewRecordState
-- config: transforms.unwrap5.predicate = valued_rows
-- config: transforms.unwrap5.delete.tombstone.handling.mode = rewrite
-- config: transforms.unwrap5.add.headers = op,source.table
-- config: transforms.value5.type = io.debezium.transforms.HeaderToValue
-- config: transforms.value5.predicate = valued_rows
-- config: transforms.value5.headers = __op,Changed,__debezium.context.taskId,__op
-- config: transforms.value5.fields = op,changed,task,name
-- config: transforms.value5.operation = copy
-- config: transforms.ddl.type = io.debezium.transforms.SchemaChangeEventFilter
-- config: transforms.ddl.schema.change.event.exclude.list = DROP, ALTER

-- before snapshot
CREATE DATABASE debezium_transforms_json;
USE debezium_transforms_json;
CREATE TABLE listed (id INT PRIMARY KEY, name VARCHAR(30), n INT DEFAULT 5, big BIGINT, f FLOAT, d DOUBLE, price DECIMAL(30,2) DEFAULT 1.25, raw VARBINARY(9), bits BIT(12), at DATETIME(6), flag BOOLEAN NOT NULL DEFAULT 1);
CREATE TABLE dropped LIKE listed;
CREATE TABLE dropped_all LIKE listed;
CREATE TABLE dropped_keys LIKE listed;
CREATE TABLE valued LIKE listed;
CREATE TABLE valued_rows LIKE listed;
INSERT INTO listed VALUES (1, 'one', 1, 5000000000, 1.5, -0.25, -92233720368547758.08, 0x01FF, b'100000000001', '2024-02-29 12:34:56.789012', 0), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1);
INSERT INTO dropped SELECT * FROM listed;
INSERT INTO dropped_all SELECT * FROM listed;
INSERT INTO dropped_keys SELECT * FROM listed;
INSERT INTO valued SELECT * FROM listed;
INSERT INTO valued_rows SELECT * FROM listed;

-- stream
USE debezium_transforms_json;
UPDATE listed SET name = 'eins', n = NULL, price = 123456789012345678901234.56 WHERE id = 1;
UPDATE listed SET name = NULL, raw = '' WHERE id = 1;
UPDATE listed SET id = 3 WHERE id = 1;
INSERT INTO listed (id, name, big) VALUES (4, 'vier, ein langer Name 😀', -5);
UPDATE dropped SET name = 'eins', n = NULL, price = 123456789012345678901234.56 WHERE id = 1;
UPDATE dropped SET name = NULL, raw = '' WHERE id = 1;
UPDATE dropped SET id = 3 WHERE id = 1;
INSERT INTO dropped (id, name, big) VALUES (4, 'vier, ein langer Name 😀', -5);
UPDATE dropped_all SET name = 'eins', n = NULL, price = 123456789012345678901234.56 WHERE id = 1;
UPDATE dropped_all SET name = NULL, raw = '' WHERE id = 1;
UPDATE dropped_all SET id = 3 WHERE id = 1;
INSERT INTO dropped_all (id, name, big) VALUES (4, 'vier, ein langer Name 😀', -5);
UPDATE dropped_keys SET name = 'eins', n = NULL, price = 123456789012345678901234.56 WHERE id = 1;
UPDATE dropped_keys SET name = NULL, raw = '' WHERE id = 1;
UPDATE dropped_keys SET id = 3 WHERE id = 1;
INSERT INTO dropped_keys (id, name, big) VALUES (4, 'vier, ein langer Name 😀', -5);
UPDATE valued SET name = 'eins', n = NULL, price = 123456789012345678901234.56 WHERE id = 1;
UPDATE valued SET name = NULL, raw = '' WHERE id = 1;
UPDATE valued SET id = 3 WHERE id = 1;
INSERT INTO valued (id, name, big) VALUES (4, 'vier, ein langer Name 😀', -5);
UPDATE valued_rows SET name = 'eins', n = NULL, price = 123456789012345678901234.56 WHERE id = 1;
UPDATE valued_rows SET name = NULL, raw = '' WHERE id = 1;
UPDATE valued_rows SET id = 3 WHERE id = 1;
INSERT INTO valued_rows (id, name, big) VALUES (4, 'vier, ein langer Name 😀', -5);
ALTER TABLE dropped_all ADD more INT NOT NULL DEFAULT 7;
UPDATE dropped_all SET more = 8, name = 'x' WHERE id = 2;
ALTER TABLE valued ADD more INT NOT NULL DEFAULT 7;
UPDATE valued SET more = 8, name = 'x' WHERE id = 2;
ALTER TABLE valued_rows ADD more INT NOT NULL DEFAULT 7;
UPDATE valued_rows SET more = 8, name = 'x' WHERE id = 2;
CREATE TABLE soon_gone (id INT PRIMARY KEY);
DROP TABLE soon_gone;
DELETE FROM listed WHERE id IN (2, 3);
DELETE FROM dropped WHERE id IN (2, 3);
DELETE FROM dropped_all WHERE id IN (2, 3);
DELETE FROM dropped_keys WHERE id IN (2, 3);
DELETE FROM valued WHERE id IN (2, 3);
DELETE FROM valued_rows WHERE id IN (2, 3);
TRUNCATE TABLE listed;
