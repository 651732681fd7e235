-- errors.tolerance=all: records that a transform or a converter does not take are left out, and what follows is not.
-- config: database.include.list = errors_tolerance
-- config: errors.tolerance = all
-- config: errors.log.enable = true
-- config: errors.log.include.messages = true
-- config: errors.retry.timeout = 1000
-- config: errors.retry.delay.max.ms = 1000
-- config: predicates = times,keys
-- config: predicates.times.type = TopicNameMatches
-- config: predicates.times.pattern = .*\.times
-- config: predicates.keys.type = TopicNameMatches
-- config: predicates.keys.pattern = .*\.mixed
-- config: transforms = unwrap,at,plain
-- config: transforms.unwrap.type = ExtractNewRecordState
-- config: transforms.unwrap.predicate = times
-- config: transforms.unwrap.delete.tombstone.handling.mode = drop
-- config: transforms.at.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.at.predicate = times
-- config: transforms.at.field = at
-- config: transforms.at.target.type = unix
-- config: transforms.at.format = yyyy-MM-dd
-- config: transforms.plain.type = org.apache.kafka.connect.transforms.ExtractField$Key
-- config: transforms.plain.predicate = keys
-- config: transforms.plain.field = id

-- before snapshot
CREATE DATABASE errors_tolerance;
USE errors_tolerance;
CREATE TABLE times (id INT PRIMARY KEY, at VARCHAR(20));
INSERT INTO times VALUES (1, '2024-02-29'), (2, 'yesterday'), (3, NULL);
CREATE TABLE mixed (id INT PRIMARY KEY, v INT);
INSERT INTO mixed VALUES (1, 1);
CREATE TABLE keyless (v INT);
INSERT INTO keyless VALUES (1);

-- stream
USE errors_tolerance;
UPDATE times SET at = 'tomorrow' WHERE id = 1;
UPDATE times SET id = 4 WHERE id = 2;
UPDATE times SET at = '2024-03-01' WHERE id = 4;
INSERT INTO mixed VALUES (2, 2);
ALTER TABLE times ADD note VARCHAR(5);
INSERT INTO times VALUES (5, 'never', 'n'), (6, '2024-03-02', 'n');
DELETE FROM times WHERE id = 3;
DELETE FROM mixed WHERE id = 1;
