-- Headers by IntegerConverter: Debezium's own are texts, so the task stops.
-- config: database.include.list = header_converter_refused
-- config: header.converter = org.apache.kafka.connect.converters.IntegerConverter

-- before snapshot
CREATE DATABASE header_converter_refused;
USE header_converter_refused;
CREATE TABLE t (id INT PRIMARY KEY);
INSERT INTO t VALUES (1);
