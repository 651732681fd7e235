-- The outbox EventRouter that expands payloads: objects, lists, nulls both ways, what is no JSON; with columns beside them and versions.
-- config: database.include.list = outbox_json
-- config: topic.creation.default.partitions = 1
-- config: predicates = alone,nulls,beside,versioned
-- config: predicates.alone.type = TopicNameMatches
-- config: predicates.alone.pattern = .*\.alone
-- config: predicates.nulls.type = TopicNameMatches
-- config: predicates.nulls.pattern = .*\.nulls
-- config: predicates.beside.type = TopicNameMatches
-- config: predicates.beside.pattern = .*\.beside
-- config: predicates.versioned.type = TopicNameMatches
-- config: predicates.versioned.pattern = .*\.versioned
-- config: transforms = alone,nulls,beside,versioned
-- config: transforms.alone.type = io.debezium.transforms.outbox.EventRouter
-- config: transforms.alone.predicate = alone
-- config: transforms.alone.table.expand.json.payload = true
-- config: transforms.alone.route.topic.replacement = outbox_json.alone.${routedByValue}
-- config: transforms.nulls.type = io.debezium.transforms.outbox.EventRouter
-- config: transforms.nulls.predicate = nulls
-- config: transforms.nulls.table.expand.json.payload = true
-- config: transforms.nulls.table.json.payload.null.behavior = optional_bytes
-- config: transforms.nulls.route.tombstone.on.empty.payload = true
-- config: transforms.nulls.route.topic.replacement = outbox_json.nulls.${routedByValue}
-- config: transforms.beside.type = io.debezium.transforms.outbox.EventRouter
-- config: transforms.beside.predicate = beside
-- config: transforms.beside.table.expand.json.payload = true
-- config: transforms.beside.table.fields.additional.placement = type:envelope
-- config: transforms.beside.route.topic.replacement = outbox_json.beside.${routedByValue}
-- config: transforms.versioned.type = io.debezium.transforms.outbox.EventRouter
-- config: transforms.versioned.predicate = versioned
-- config: transforms.versioned.table.field.event.schema.version = version
-- config: transforms.versioned.table.fields.additional.placement = type:envelope
-- config: transforms.versioned.route.topic.replacement = outbox_json.versioned.${routedByValue}

-- before snapshot
CREATE DATABASE outbox_json;
USE outbox_json;
CREATE TABLE alone (id INT PRIMARY KEY, aggregatetype VARCHAR(40), aggregateid VARCHAR(40), type VARCHAR(40), payload JSON);
CREATE TABLE nulls LIKE alone;
CREATE TABLE beside LIKE alone;
CREATE TABLE versioned (id INT PRIMARY KEY, aggregatetype VARCHAR(40), aggregateid VARCHAR(40), type VARCHAR(40), payload JSON, version INT);
INSERT INTO alone VALUES (1, 'order', 'o-1', 'created', '{"id": 1, "name": "é\\"", "big": 5000000000, "price": 12.5, "paid": true, "none": null, "list": [1, 2], "empty": [], "texts": ["a", null]}');
INSERT INTO nulls SELECT * FROM alone;
INSERT INTO beside SELECT * FROM alone;
INSERT INTO versioned SELECT *, 1 FROM alone;

-- stream
USE outbox_json;
INSERT INTO alone VALUES (2, 'order', 'o-1', 'x', '{"id": 2, "customer": {"name": "n", "tags": [{"a": 1}, {"a": 2}], "none": null}, "deep": [[1], [2, 3]]}');
INSERT INTO alone VALUES (3, 'order', 'o-1', 'x', '{"id": 3, "customer": {"name": "m", "tags": [{"a": 3}], "none": null}, "deep": [[4]]}'), (4, 'order', 'o-1', 'x', NULL), (5, 'order', 'o-1', 'x', '{}');
INSERT INTO alone VALUES (6, 'texts', 'o-1', 'x', '"text"'), (7, 'texts', 'o-1', 'x', '12'), (8, 'texts', 'o-1', 'x', 'true');
INSERT INTO alone VALUES (9, 'texts', 'o-1', 'x', '{"mixed": [1, "a"]}'), (10, 'texts', 'o-1', 'x', '{"numbers": [1, 5000000000]}'), (11, 'texts', 'o-1', 'x', '{"nulls": [null, null]}');
INSERT INTO nulls VALUES (2, 'order', 'o-1', 'x', '{"none": null, "id": 2, "in": {"none": null}}'), (3, 'order', 'o-1', 'x', NULL), (4, 'order', 'o-1', 'x', '{"id": 0.0, "small": -1.0e3}');
INSERT INTO beside VALUES (2, 'order', 'o-1', NULL, '{"id": 2, "more": "x"}'), (3, 'order', 'o-2', 'x', '{"id": 3, "more": "y"}'), (4, 'order', 'o-2', 'x', NULL);
INSERT INTO versioned VALUES (2, 'order', 'o-1', 'x', '{"a": 1}', 2), (3, 'order', 'o-1', 'x', '{"a": 1}', 1), (4, 'customer', 'o-1', 'x', '{"a": 1}', 3);
DELETE FROM alone WHERE id = 1;
