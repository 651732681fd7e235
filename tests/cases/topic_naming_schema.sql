-- topic.naming.strategy: the one that leaves the database out of the names of topics and schemas.
-- config: database.include.list = topic_naming_schema
-- config: topic.naming.strategy = io.debezium.schema.SchemaTopicNamingStrategy
-- config: provide.transaction.metadata = true
-- config: transforms = mark
-- config: transforms.mark.type = org.apache.kafka.connect.transforms.RegexRouter
-- config: transforms.mark.regex = topic_naming_schema\.mark
-- config: transforms.mark.replacement = topic_naming_schema.recorder.mark

-- before snapshot
CREATE DATABASE topic_naming_schema;
USE topic_naming_schema;
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10) CHARACTER SET utf8mb4);
CREATE TABLE `größe` (id INT PRIMARY KEY);
INSERT INTO t VALUES (1, 'one');
INSERT INTO `größe` VALUES (1);

-- stream
USE topic_naming_schema;
INSERT INTO t VALUES (2, 'two');
UPDATE t SET id = 3 WHERE id = 1;
ALTER TABLE t ADD COLUMN w INT;
DELETE FROM t WHERE id = 2;
