-- JsonConverter without schemas in place of Avro: the same records as text.
-- config: database.include.list = json_converter_plain
-- config: key.converter = org.apache.kafka.connect.json.JsonConverter
-- config: value.converter = org.apache.kafka.connect.json.JsonConverter
-- config: key.converter.schemas.enable = false
-- config: value.converter.schemas.enable = false

-- before snapshot
CREATE DATABASE json_converter_plain;
USE json_converter_plain;
CREATE TABLE t (
  id INT PRIMARY KEY, big BIGINT UNSIGNED, amount DECIMAL(8,2) DEFAULT 1.25, f FLOAT, d DOUBLE NOT NULL, bin VARBINARY(5), b BIT(9), flag BIT(1),
  name VARCHAR(20) CHARACTER SET utf8mb4, e ENUM('a', 'b'), j JSON, day DATE, at DATETIME(6), ts TIMESTAMP NULL
);
INSERT INTO t VALUES
  (1, 18446744073709551615, -12.34, 0.1, 1e300, 0x00FF, 257, 1, 'é😀"\\\n/', 'b', '{"a": "\\"é\\""}', '2024-02-29', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56'),
  (2, NULL, NULL, NULL, -0.0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (3, 1, 0, 1e10, 123456789.125, '', 0, 0, '<>&''', 'a', '[]', '1969-12-31', '1969-12-31 00:00:00', '1970-01-01 00:00:01');

-- stream
USE json_converter_plain;
UPDATE t SET id = id + 10 WHERE id = 1;
DELETE FROM t WHERE id = 2;
ALTER TABLE t ADD n SMALLINT;
UPDATE t SET n = 5, f = 3.4e38, d = 100 WHERE id = 3;
