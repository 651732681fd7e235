-- snapshot.mode=always: a snapshot at every start, and the stream behind it.
-- config: database.include.list = snapshot_always
-- config: snapshot.mode = always

-- before snapshot
CREATE DATABASE snapshot_always;
USE snapshot_always;
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10));
INSERT INTO t VALUES (1, 'one'), (2, NULL);

-- stream
USE snapshot_always;
INSERT INTO t VALUES (3, 'three');
DELETE FROM t WHERE id = 1;

-- while stopped
USE snapshot_always;
UPDATE t SET v = 'two' WHERE id = 2;
DELETE FROM t WHERE id = 3;
ALTER TABLE t ADD n INT NOT NULL DEFAULT 4;

-- stream
USE snapshot_always;
UPDATE t SET id = 5 WHERE id = 2;
