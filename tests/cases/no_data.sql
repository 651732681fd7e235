-- snapshot.mode=no_data: the tables' definitions, no rows; then the stream.
-- config: database.include.list = no_data
-- config: snapshot.mode = no_data

-- before snapshot
CREATE DATABASE no_data;
USE no_data;
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1, 1);

-- stream
USE no_data;
UPDATE t SET v = 2;
DELETE FROM t;
