-- schema.history.internal in a file: definitions are read back from it behind a restart.
-- config: database.include.list = file_history
-- config: schema.history.internal = io.debezium.storage.file.history.FileSchemaHistory
-- config: schema.history.internal.file.filename = {scratch}/history.dat

-- before snapshot
CREATE DATABASE file_history;
USE file_history;
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10));
INSERT INTO t VALUES (1, 'one');

-- stream
USE file_history;
ALTER TABLE t ADD n INT DEFAULT 5 AFTER id;
INSERT INTO t VALUES (2, NULL, 'two');

-- while stopped
USE file_history;
INSERT INTO t VALUES (3, 3, 'three');
ALTER TABLE t DROP v;
UPDATE t SET id = 4 WHERE id = 1;

-- stream
USE file_history;
DELETE FROM t WHERE id = 3;
