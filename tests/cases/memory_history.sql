-- schema.history.internal in memory: statements are read, and no topic has them.
-- config: database.include.list = memory_history
-- config: schema.history.internal = io.debezium.relational.history.MemorySchemaHistory

-- before snapshot
CREATE DATABASE memory_history;
USE memory_history;
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10));
INSERT INTO t VALUES (1, 'one');

-- stream
USE memory_history;
ALTER TABLE t ADD COLUMN n INT NOT NULL DEFAULT 7;
INSERT INTO t VALUES (2, 'two', 2);
