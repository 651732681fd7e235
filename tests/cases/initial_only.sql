-- snapshot.mode=initial_only: the rows, and then nothing more.
-- config: database.include.list = initial_only
-- config: snapshot.mode = initial_only

-- before snapshot
CREATE DATABASE initial_only;
USE initial_only;
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1, 1), (2, 2);
