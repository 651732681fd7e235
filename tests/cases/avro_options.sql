-- Avro without what only Connect reads, under subjects by the record's name; names that Avro does not allow become others.
-- config: database.include.list = avro_options
-- config: key.converter.connect.meta.data = false
-- config: key.converter.key.subject.name.strategy = io.confluent.kafka.serializers.subject.RecordNameStrategy
-- config: key.converter.enhanced.avro.schema.support = true
-- config: key.converter.scrub.invalid.names = true
-- config: value.converter.connect.meta.data = false
-- config: value.converter.enhanced.avro.schema.support = true
-- config: value.converter.scrub.invalid.names = true
-- config: value.converter.value.subject.name.strategy = io.confluent.kafka.serializers.subject.TopicRecordNameStrategy

-- before snapshot
CREATE DATABASE avro_options;
USE avro_options;
CREATE TABLE t (
  id INT PRIMARY KEY, tiny TINYINT, small SMALLINT DEFAULT 3, big BIGINT UNSIGNED NOT NULL DEFAULT 4, amount DECIMAL(8,2) DEFAULT 1.25, f FLOAT, bin VARBINARY(5), b BIT(9),
  name VARCHAR(20) NOT NULL DEFAULT 'n', e ENUM('a', 'b'), j JSON, day DATE, at DATETIME(6) DEFAULT '2020-01-01 00:00:00', ts TIMESTAMP NULL, y YEAR
);
INSERT INTO t VALUES (1, 1, 1, 1, -12.34, 0.5, 0x00FF, 257, 'a', 'b', '{}', '2024-02-29', NULL, '2024-02-29 12:34:56', 2024),
  (2, NULL, NULL, 2, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, '2024-02-29 12:34:56.789012', NULL, NULL);
CREATE TABLE `1 odd-näme` (`a-b` INT PRIMARY KEY, `1é` INT DEFAULT 2);
INSERT INTO `1 odd-näme` VALUES (1, NULL);

-- stream
USE avro_options;
UPDATE t SET id = 3 WHERE id = 1;
ALTER TABLE t ADD n SMALLINT DEFAULT 5;
UPDATE t SET n = NULL WHERE id = 3;
DELETE FROM t WHERE id = 2;
