-- CloudEventsConverter with JSON data that has no schema.
-- config: database.include.list = cloud_events_plain
-- config: key.converter = org.apache.kafka.connect.json.JsonConverter
-- config: key.converter.schemas.enable = false
-- config: value.converter = io.debezium.converters.CloudEventsConverter
-- config: value.converter.json.schemas.enable = false

-- before snapshot
CREATE DATABASE cloud_events_plain;
USE cloud_events_plain;
CREATE TABLE t (id INT PRIMARY KEY, amount DECIMAL(8,2), name VARCHAR(20), at DATETIME(6), bin VARBINARY(5));
INSERT INTO t VALUES (1, -12.34, 'é', '2024-02-29 12:34:56.789012', 0x00FF), (2, NULL, NULL, NULL, NULL);

-- stream
USE cloud_events_plain;
UPDATE t SET id = id + 10 WHERE id = 1;
DELETE FROM t WHERE id = 2;
ALTER TABLE t ADD n SMALLINT;
UPDATE t SET n = 5 WHERE id = 11;
