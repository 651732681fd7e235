-- snapshot.mode=configuration_based: definitions without rows, and the stream.
-- config: database.include.list = snapshot_configuration_based
-- config: snapshot.mode = configuration_based
-- config: snapshot.mode.configuration.based.snapshot.schema = true
-- config: snapshot.mode.configuration.based.start.stream = true

-- before snapshot
CREATE DATABASE snapshot_configuration_based;
USE snapshot_configuration_based;
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10));
INSERT INTO t VALUES (1, 'one'), (2, 'two');

-- stream
USE snapshot_configuration_based;
INSERT INTO t VALUES (3, 'three');
