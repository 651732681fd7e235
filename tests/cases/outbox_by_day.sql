-- Events of an outbox table in topics with the day or the hour of the event behind them: TimestampRouter, which needs a record's time.
-- config: database.include.list = outbox_by_day
-- config: topic.creation.default.partitions = 1
-- config: predicates = outbox,hourly,event
-- config: predicates.outbox.type = TopicNameMatches
-- config: predicates.outbox.pattern = .*\.events
-- config: predicates.hourly.type = TopicNameMatches
-- config: predicates.hourly.pattern = outbox_by_day\.hourly.*
-- config: predicates.event.type = TopicNameMatches
-- config: predicates.event.pattern = .*outbox_by_day\.(order|hourly).*
-- config: transforms = outbox,hour,day
-- config: transforms.outbox.type = io.debezium.transforms.outbox.EventRouter
-- config: transforms.outbox.predicate = outbox
-- config: transforms.outbox.table.field.event.timestamp = happened
-- config: transforms.outbox.route.topic.replacement = outbox_by_day.${routedByValue}
-- config: transforms.hour.type = org.apache.kafka.connect.transforms.TimestampRouter
-- config: transforms.hour.predicate = hourly
-- config: transforms.hour.topic.format = ${topic}-h${timestamp}-${timestamp}
-- config: transforms.hour.timestamp.format = yyyy.MMM.dd-HH
-- config: transforms.day.type = org.apache.kafka.connect.transforms.TimestampRouter
-- config: transforms.day.predicate = event

-- before snapshot
CREATE DATABASE outbox_by_day;
USE outbox_by_day;
CREATE TABLE events (id INT PRIMARY KEY, aggregatetype VARCHAR(40), aggregateid VARCHAR(40), type VARCHAR(40), payload JSON, happened DATETIME(6) NOT NULL);
INSERT INTO events VALUES (1, 'order', 'o-1', 'created', '{"n": 1}', '2024-02-29 23:59:59.999999'), (2, 'hourly', 'h-1', 'created', '{"n": 2}', '1999-12-31 01:02:03');

-- stream
USE outbox_by_day;
INSERT INTO events VALUES (3, 'order', 'o-1', 'changed', NULL, '2024-03-01 00:00:00'), (4, 'hourly', NULL, NULL, '[]', '1970-01-02 00:00:00');
DELETE FROM events;
