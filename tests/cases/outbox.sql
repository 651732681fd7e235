-- The outbox EventRouter, each table with its own: payloads alone and with columns beside them, as text, JSON and bytes; empty ones;
-- times, partitions and headers from columns; updates and deletes are no events.
-- config: database.include.list = outbox
-- config: topic.creation.default.partitions = 1
-- config: predicates = plain,beside,many,renamed
-- config: predicates.plain.type = TopicNameMatches
-- config: predicates.plain.pattern = .*\.plain
-- config: predicates.beside.type = TopicNameMatches
-- config: predicates.beside.pattern = .*\.beside
-- config: predicates.many.type = TopicNameMatches
-- config: predicates.many.pattern = .*\.many
-- config: predicates.renamed.type = TopicNameMatches
-- config: predicates.renamed.pattern = .*\.renamed
-- config: transforms = plain,beside,many,renamed
-- config: transforms.plain.type = io.debezium.transforms.outbox.EventRouter
-- config: transforms.plain.predicate = plain
-- config: transforms.beside.type = io.debezium.transforms.outbox.EventRouter
-- config: transforms.beside.predicate = beside
-- config: transforms.beside.table.fields.additional.placement = type:envelope,version:envelope:v,trace:header,happened:header:at,aggregatetype:envelope
-- config: transforms.beside.route.topic.replacement = outbox.beside.${routedByValue}
-- config: transforms.beside.table.field.event.timestamp = happened
-- config: transforms.many.type = EventRouter
-- config: transforms.many.predicate = many
-- config: transforms.many.route.tombstone.on.empty.payload = true
-- config: transforms.many.table.fields.additional.placement = part:partition,gone:header,flag:header
-- config: transforms.many.table.field.additional.missing = ignore
-- config: transforms.many.route.topic.regex = (.*)\.v(\d)
-- config: transforms.many.route.topic.replacement = outbox.$2.$1
-- config: transforms.many.table.op.invalid.behavior = error
-- config: transforms.renamed.type = io.debezium.transforms.outbox.EventRouter
-- config: transforms.renamed.predicate = renamed
-- config: transforms.renamed.table.field.event.id = event_id
-- config: transforms.renamed.table.field.event.key = customer
-- config: transforms.renamed.table.field.event.payload = body
-- config: transforms.renamed.route.by.field = kind
-- config: transforms.renamed.route.topic.replacement = outbox.all

-- before snapshot
CREATE DATABASE outbox;
USE outbox;
CREATE TABLE plain (id CHAR(36) PRIMARY KEY, aggregatetype VARCHAR(40) NOT NULL, aggregateid VARCHAR(40) NOT NULL, type VARCHAR(40), payload JSON);
CREATE TABLE beside (id BIGINT AUTO_INCREMENT PRIMARY KEY, aggregatetype VARCHAR(40), aggregateid INT, type VARCHAR(40) DEFAULT 'created', version SMALLINT,
  payload VARCHAR(200), trace VARCHAR(40), happened DATETIME(6));
CREATE TABLE many (id INT PRIMARY KEY, aggregatetype VARCHAR(40), aggregateid VARCHAR(40), type VARCHAR(40), payload TEXT, part INT, flag BOOLEAN);
CREATE TABLE renamed (event_id INT PRIMARY KEY, kind VARCHAR(20), customer BIGINT NOT NULL, body VARBINARY(30));
CREATE TABLE other (id INT PRIMARY KEY, v INT);
INSERT INTO plain VALUES ('a-1', 'outbox.order', 'o-1', 'created', '{"n": 1}');
INSERT INTO beside (aggregatetype, aggregateid, version, payload, trace, happened) VALUES ('order', 7, 1, 'first', 't-1', '2024-02-29 12:34:56.789012');
INSERT INTO other VALUES (1, 1);

-- stream
USE outbox;
INSERT INTO plain VALUES ('a-2', 'outbox.order', 'o-1', 'changed', '{"n": [1, 2, {"é": null}]}'), ('a-3', 'outbox.customer', 'c-1', NULL, NULL);
UPDATE plain SET type = 'never' WHERE id = 'a-1';
DELETE FROM plain;
INSERT INTO beside (aggregatetype, aggregateid, type, version, payload, trace) VALUES ('customer', NULL, NULL, NULL, NULL, NULL);
INSERT INTO beside (aggregatetype, aggregateid, type, version, payload, trace) VALUES ('order', 8, 'x', 2, ' ', '');
ALTER TABLE beside ADD more INT;
INSERT INTO beside (aggregatetype, aggregateid, payload, more) VALUES ('order', 9, 'after', 1);
DELETE FROM beside;
INSERT INTO many VALUES (1, 'order.v2', 'k', 'a', 'text', 0, 1), (2, 'order.v2', 'k', 'b', '  ', 0, 0), (3, 'unversioned', 'k', 'c', NULL, NULL, NULL), (4, 'order.v3', NULL, 'd', 'x', 0, 1);
UPDATE many SET payload = 'never' WHERE id = 1;
INSERT INTO renamed VALUES (1, 'a', 42, 0x00FF10), (2, 'b', 43, NULL);
UPDATE other SET v = 2;
DELETE FROM other;
