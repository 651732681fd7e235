-- Headers by JsonConverter with their schemas: texts, the structs of changed keys, numbers, times and nulls out of columns, also as fields
-- of the value.
-- config: database.include.list = header_converter_json
-- config: header.converter = org.apache.kafka.connect.json.JsonConverter
-- config: predicates = rows,moved
-- config: predicates.rows.type = TopicNameMatches
-- config: predicates.rows.pattern = .*\.rows
-- config: predicates.moved.type = HasHeaderKey
-- config: predicates.moved.name = __debezium.newkey
-- config: transforms = unwrap,columns,key,fixed
-- config: transforms.unwrap.type = ExtractNewRecordState
-- config: transforms.unwrap.predicate = rows
-- config: transforms.unwrap.delete.tombstone.handling.mode = rewrite
-- config: transforms.unwrap.add.headers = op,source.table,source.snapshot
-- config: transforms.columns.type = org.apache.kafka.connect.transforms.HeaderFrom$Value
-- config: transforms.columns.predicate = rows
-- config: transforms.columns.fields = n,amount,f,bin,day,at,name
-- config: transforms.columns.headers = n,amount,f,bin,day,at,name
-- config: transforms.columns.operation = copy
-- config: transforms.key.type = io.debezium.transforms.HeaderToValue
-- config: transforms.key.predicate = moved
-- config: transforms.key.headers = __debezium.newkey
-- config: transforms.key.fields = new_key
-- config: transforms.key.operation = copy
-- config: transforms.fixed.type = org.apache.kafka.connect.transforms.InsertHeader
-- config: transforms.fixed.predicate = rows
-- config: transforms.fixed.header = fixed
-- config: transforms.fixed.value.literal = 7

-- before snapshot
CREATE DATABASE header_converter_json;
USE header_converter_json;
CREATE TABLE plain (id INT, name VARCHAR(20), amount DECIMAL(8,2), PRIMARY KEY (id, name, amount));
INSERT INTO plain VALUES (1, 'one "1"', 1.5);
CREATE TABLE `rows` (id INT PRIMARY KEY, n BIGINT, amount DECIMAL(8,2) DEFAULT 1.25, f DOUBLE, bin VARBINARY(5), day DATE, at DATETIME(3), name VARCHAR(20) NOT NULL DEFAULT 'n');
INSERT INTO `rows` VALUES (1, 1, -12.34, 0.5, 0x00FF, '2024-02-29', '2024-02-29 12:34:56.789', 'ä'), (2, NULL, NULL, NULL, NULL, NULL, NULL, DEFAULT);

-- stream
USE header_converter_json;
UPDATE plain SET id = 2;
UPDATE `rows` SET id = 3 WHERE id = 1;
ALTER TABLE `rows` MODIFY n INT;
UPDATE `rows` SET n = 5 WHERE id = 2;
DELETE FROM `rows` WHERE id = 3;
DELETE FROM plain;
