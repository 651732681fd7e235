-- heartbeat.interval.ms: the heartbeat topic's record.
-- config: database.include.list = heartbeats
-- config: heartbeat.interval.ms = 1

-- before snapshot
CREATE DATABASE heartbeats;
USE heartbeats;
CREATE TABLE t (id INT PRIMARY KEY);
INSERT INTO t VALUES (1);

-- stream
USE heartbeats;
INSERT INTO t VALUES (2);
