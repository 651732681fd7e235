-- The same with options of Kafka Connect's JSON converter, and one artifact for keys and another for values, of all topics.
-- config: database.include.list = apicurio_json_options
-- config: key.converter = io.apicurio.registry.utils.converter.ExtJsonConverter
-- config: key.converter.apicurio.registry.url = /apis/registry/v2
-- config: key.converter.apicurio.registry.auto-register = true
-- config: value.converter = io.apicurio.registry.utils.converter.ExtJsonConverter
-- config: value.converter.apicurio.registry.url = /apis/registry/v2
-- config: value.converter.apicurio.registry.auto-register = true
-- config: key.converter.apicurio.registry.artifact.artifact-id = apicurio_json_options-key
-- config: value.converter.apicurio.registry.artifact.artifact-id = apicurio_json_options-value
-- config: value.converter.decimal.format = NUMERIC
-- config: value.converter.replace.null.with.default = false

-- before snapshot
CREATE DATABASE apicurio_json_options;
USE apicurio_json_options;
CREATE TABLE t (id INT PRIMARY KEY, tiny TINYINT DEFAULT 1, amount DECIMAL(8,2), name VARCHAR(20), at DATETIME(6));
INSERT INTO t VALUES (1, 1, -12.34, 'é', '2024-02-29 12:34:56.789012'), (2, NULL, NULL, NULL, NULL);

-- stream
USE apicurio_json_options;
UPDATE t SET id = id + 10 WHERE id = 1;
DELETE FROM t WHERE id = 2;
ALTER TABLE t ADD n SMALLINT;
UPDATE t SET n = 5 WHERE id = 11;
