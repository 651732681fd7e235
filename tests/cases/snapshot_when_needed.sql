-- snapshot.mode=when_needed: a second snapshot, because the server has purged what was not read yet.
-- config: database.include.list = snapshot_when_needed
-- config: snapshot.mode = when_needed

-- before snapshot
CREATE DATABASE snapshot_when_needed;
USE snapshot_when_needed;
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10));
INSERT INTO t VALUES (1, 'one'), (2, 'two');

-- stream
USE snapshot_when_needed;
INSERT INTO t VALUES (3, 'three');

-- while stopped
USE snapshot_when_needed;
DELETE FROM t WHERE id = 1;
INSERT INTO t VALUES (4, 'four');
FLUSH BINARY LOGS;
PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY;

-- stream
USE snapshot_when_needed;
UPDATE t SET v = UPPER(v);
