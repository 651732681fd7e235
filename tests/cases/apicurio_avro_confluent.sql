-- Apicurio's Avro converter as Confluent's: ids in four bytes, of the content; rows instead of changes, and other names of artifacts.
-- config: database.include.list = apicurio_avro_confluent
-- config: key.converter = io.apicurio.registry.utils.converter.AvroConverter
-- config: key.converter.apicurio.registry.url = /apis/registry/v2
-- config: key.converter.apicurio.registry.auto-register = true
-- config: key.converter.apicurio.registry.auto-register.if-exists = UPDATE
-- config: key.converter.apicurio.registry.headers.enabled = false
-- config: key.converter.apicurio.registry.as-confluent = true
-- config: key.converter.apicurio.registry.use-id = contentId
-- config: value.converter = io.apicurio.registry.utils.converter.AvroConverter
-- config: value.converter.apicurio.registry.url = /apis/registry/v2
-- config: value.converter.apicurio.registry.auto-register = true
-- config: value.converter.apicurio.registry.auto-register.if-exists = UPDATE
-- config: value.converter.apicurio.registry.headers.enabled = false
-- config: value.converter.apicurio.registry.as-confluent = true
-- config: value.converter.apicurio.registry.use-id = contentId
-- config: key.converter.apicurio.registry.artifact-resolver-strategy = io.apicurio.registry.serde.avro.strategy.TopicRecordIdStrategy
-- config: value.converter.apicurio.registry.artifact-resolver-strategy = io.apicurio.registry.serde.strategy.SimpleTopicIdStrategy
-- config: value.converter.apicurio.registry.artifact.group-id = apicurio_avro_confluent.group
-- config: value.converter.apicurio.registry.dereference-schema = false
-- config: value.converter.connect.meta.data = false
-- config: include.schema.changes = false
-- config: transforms = unwrap
-- config: transforms.unwrap.type = io.debezium.transforms.ExtractNewRecordState

-- before snapshot
CREATE DATABASE apicurio_avro_confluent;
USE apicurio_avro_confluent;
CREATE TABLE t (id INT PRIMARY KEY, tiny TINYINT DEFAULT 1, amount DECIMAL(8,2), name VARCHAR(20), at DATETIME(6));
INSERT INTO t VALUES (1, 1, -12.34, 'é', '2024-02-29 12:34:56.789012'), (2, NULL, NULL, NULL, NULL);

-- stream
USE apicurio_avro_confluent;
UPDATE t SET id = id + 10 WHERE id = 1;
DELETE FROM t WHERE id = 2;
ALTER TABLE t ADD n SMALLINT;
UPDATE t SET n = 5 WHERE id = 11;
