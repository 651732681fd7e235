-- Headers by JsonConverter without schemas, with decimals as numbers.
-- config: database.include.list = header_converter_json_plain
-- config: header.converter = org.apache.kafka.connect.json.JsonConverter
-- config: header.converter.schemas.enable = false
-- config: header.converter.decimal.format = NUMERIC

-- before snapshot
CREATE DATABASE header_converter_json_plain;
USE header_converter_json_plain;
CREATE TABLE t (id INT, amount DECIMAL(8,2), PRIMARY KEY (id, amount));
INSERT INTO t VALUES (1, 1.5), (2, -1234.5);

-- stream
USE header_converter_json_plain;
UPDATE t SET id = 3 WHERE id = 1;
ALTER TABLE t MODIFY id BIGINT NOT NULL, ADD note VARCHAR(5);
UPDATE t SET id = 4 WHERE id = 2;
DELETE FROM t WHERE id = 4;
