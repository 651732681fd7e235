-- inconsistent.schema.handling.mode=warn: rows that contradict the definition of their table are left out.
-- config: database.include.list = inconsistent_rows
-- config: inconsistent.schema.handling.mode = warn

-- before snapshot
CREATE DATABASE inconsistent_rows;
USE inconsistent_rows;
CREATE TABLE t (id INT PRIMARY KEY, v INT);
CREATE TABLE u (id INT PRIMARY KEY);
INSERT INTO t VALUES (1, 1);
INSERT INTO u VALUES (1);

-- stream
USE inconsistent_rows;
INSERT INTO t VALUES (2, 2);
SET SESSION sql_log_bin = 0;
ALTER TABLE t ADD COLUMN w INT;
SET SESSION sql_log_bin = 1;
BEGIN;
INSERT INTO u VALUES (2);
INSERT INTO t VALUES (3, 3, 3);
UPDATE t SET v = 4 WHERE id = 1;
INSERT INTO u VALUES (3);
COMMIT;
DELETE FROM t WHERE id = 2;
DELETE FROM u WHERE id = 2;
