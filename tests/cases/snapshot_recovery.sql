-- snapshot.mode=recovery where there is nothing to recover: it is for a connector that has an offset.
-- config: database.include.list = snapshot_recovery
-- config: snapshot.mode = recovery

-- before snapshot
CREATE DATABASE snapshot_recovery;
USE snapshot_recovery;
CREATE TABLE t (id INT PRIMARY KEY);
INSERT INTO t VALUES (1);
