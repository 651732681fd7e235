-- snapshot.mode=always: another start takes another snapshot.
-- config: database.include.list = always
-- config: snapshot.mode = always

-- before snapshot
CREATE DATABASE always;
USE always;
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10));
INSERT INTO t VALUES (1, 'one'), (2, 'two');

-- stream
USE always;
UPDATE t SET v = 'three' WHERE id = 1;

-- while stopped
SELECT 1;

-- stream
USE always;
INSERT INTO t VALUES (3, 'three');
