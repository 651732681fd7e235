-- Headers by ByteArrayConverter: bytes out of a column, and nulls. Debezium's own are texts, which it does not take.
-- config: database.include.list = header_converter_bytes
-- config: extended.headers.enabled = false
-- config: header.converter = org.apache.kafka.connect.converters.ByteArrayConverter
-- config: predicates = rows
-- config: predicates.rows.type = TopicNameMatches
-- config: predicates.rows.pattern = .*\.t
-- config: transforms = unwrap,columns
-- config: transforms.unwrap.type = ExtractNewRecordState
-- config: transforms.unwrap.predicate = rows
-- config: transforms.unwrap.delete.tombstone.handling.mode = rewrite
-- config: transforms.columns.type = org.apache.kafka.connect.transforms.HeaderFrom$Value
-- config: transforms.columns.predicate = rows
-- config: transforms.columns.fields = bin,more
-- config: transforms.columns.headers = bin,more
-- config: transforms.columns.operation = move

-- before snapshot
CREATE DATABASE header_converter_bytes;
USE header_converter_bytes;
CREATE TABLE t (id INT PRIMARY KEY, bin VARBINARY(20), more BLOB);
INSERT INTO t VALUES (1, 'abc', 'x'), (2, '', NULL);

-- stream
USE header_converter_bytes;
UPDATE t SET bin = NULL WHERE id = 1;
ALTER TABLE t ADD note VARCHAR(5);
INSERT INTO t VALUES (3, 0x0102, 'y', 'n');
DELETE FROM t WHERE id = 2;
