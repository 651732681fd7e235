-- normalize.schemas, and documentation of fields where Avro has a place for it (discard.type.doc.default).
-- config: database.include.list = avro_normalized
-- config: include.schema.comments = true
-- config: key.converter.normalize.schemas = true
-- config: key.converter.discard.type.doc.default = true
-- config: value.converter.normalize.schemas = true
-- config: value.converter.discard.type.doc.default = true

-- before snapshot
CREATE DATABASE avro_normalized;
USE avro_normalized;
CREATE TABLE t (
  id INT PRIMARY KEY COMMENT 'the key', name VARCHAR(20) NOT NULL DEFAULT 'n' COMMENT 'a name', amount DECIMAL(8,2) COMMENT 'a Decimal', day DATE DEFAULT '2024-02-29', plain INT
) COMMENT 'a table';
INSERT INTO t VALUES (1, 'a', 1.5, NULL, 1);

-- stream
USE avro_normalized;
UPDATE t SET id = 2;
ALTER TABLE t ADD n SMALLINT DEFAULT 5 COMMENT 'late';
UPDATE t SET n = NULL;
DELETE FROM t;
