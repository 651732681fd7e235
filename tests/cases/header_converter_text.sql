-- Headers by StringConverter: texts as they are, the structs of changed keys as Java prints them.
-- config: database.include.list = header_converter_text
-- config: header.converter = org.apache.kafka.connect.storage.StringConverter
-- config: message.key.columns = header_converter_text.chosen:name,d

-- before snapshot
CREATE DATABASE header_converter_text;
USE header_converter_text;
CREATE TABLE t (id INT, name VARCHAR(20), amount DECIMAL(8,2), PRIMARY KEY (id, name, amount));
INSERT INTO t VALUES (1, 'one "1"', 1.5);
CREATE TABLE chosen (id INT PRIMARY KEY, name VARCHAR(20) DEFAULT 'none', d DOUBLE);
INSERT INTO chosen VALUES (1, 'a', 1e7), (2, NULL, NULL);

-- stream
USE header_converter_text;
UPDATE t SET id = 2;
UPDATE chosen SET d = 0.00012 WHERE id = 1;
UPDATE chosen SET name = 'b' WHERE id = 2;
UPDATE chosen SET name = NULL WHERE id = 1;
ALTER TABLE t ADD note VARCHAR(5);
DELETE FROM t;
