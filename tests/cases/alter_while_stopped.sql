-- Columns and tables that change between a stop and the restart: rows written before, between and after the changes.
-- config: database.include.list = alter_while_stopped
-- binlog_row_metadata: MINIMAL, FULL

-- before snapshot
CREATE DATABASE alter_while_stopped;
USE alter_while_stopped;
CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(10), b INT);
INSERT INTO t VALUES (1, 'one', 1);
CREATE TABLE gone (id INT PRIMARY KEY);
INSERT INTO gone VALUES (1);

-- stream
USE alter_while_stopped;
INSERT INTO t VALUES (2, 'two', 2);
ALTER TABLE t ADD c INT;
INSERT INTO t VALUES (3, 'three', 3, 3);

-- while stopped
USE alter_while_stopped;
INSERT INTO t VALUES (4, 'four', 4, 4);
ALTER TABLE t DROP COLUMN b, ADD d VARCHAR(5) NOT NULL DEFAULT 'new' FIRST;
INSERT INTO t VALUES ('d', 5, 'five', 5);
ALTER TABLE t MODIFY a VARCHAR(10) AFTER c;
ALTER TABLE t RENAME COLUMN c TO cc;
INSERT INTO t VALUES ('d', 6, 6, 'six');
INSERT INTO gone VALUES (2);
DROP TABLE gone;
CREATE TABLE gone (id VARCHAR(5) PRIMARY KEY, v INT);
INSERT INTO gone VALUES ('back', 1);

-- stream
USE alter_while_stopped;
UPDATE t SET a = UPPER(a);
INSERT INTO gone VALUES ('again', 2);

-- while stopped
USE alter_while_stopped;
RENAME TABLE gone TO here;
INSERT INTO here VALUES ('moved', 3);

-- stream
USE alter_while_stopped;
INSERT INTO here VALUES ('still', 4);
DELETE FROM t WHERE id < 4;
