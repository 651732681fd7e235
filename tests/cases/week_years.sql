-- TimestampConverter with YYYY, the year of a week, which a text is written and read with.
-- config: database.include.list = week_years
-- config: time.precision.mode = connect
-- config: predicates = rows
-- config: predicates.rows.type = TopicNameMatches
-- config: predicates.rows.pattern = .*\.t
-- config: transforms = unwrap,write,read
-- config: transforms.unwrap.type = io.debezium.transforms.ExtractNewRecordState
-- config: transforms.unwrap.predicate = rows
-- config: transforms.write.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.write.predicate = rows
-- config: transforms.write.field = at
-- config: transforms.write.target.type = string
-- config: transforms.write.format = YYYY-MM-dd'T'HH:mm:ss
-- config: transforms.read.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.read.predicate = rows
-- config: transforms.read.field = said
-- config: transforms.read.target.type = Timestamp
-- config: transforms.read.format = YYYY-MM-dd HH:mm

-- before snapshot
CREATE DATABASE week_years;
USE week_years;
CREATE TABLE t (id INT PRIMARY KEY, at DATETIME, said VARCHAR(20));
INSERT INTO t VALUES (1, '2024-12-28 01:02:03', '2024-12-28 01:02'), (2, '2024-12-29 01:02:03', '2025-06-15 23:59');

-- stream
USE week_years;
INSERT INTO t VALUES (3, '2024-12-30 00:00:00', '2023-01-01 00:00'), (4, '2022-12-31 23:59:59', '2022-02-03 04:05'), (5, '2027-01-01 00:00:00', '2026-12-31 12:00');
