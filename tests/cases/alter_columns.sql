-- Columns added, dropped, modified, changed, renamed and moved while the connector streams; rows before and after each.
-- config: database.include.list = alter_columns
-- binlog_row_metadata: MINIMAL, FULL

-- before snapshot
CREATE DATABASE alter_columns;
USE alter_columns;
CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(10), b INT);
INSERT INTO t VALUES (1, 'one', 1);

-- stream
USE alter_columns;
INSERT INTO t VALUES (2, 'two', 2);
ALTER TABLE t ADD COLUMN c DECIMAL(6,2) NOT NULL DEFAULT 1.50;
INSERT INTO t VALUES (3, 'three', 3, 3);
ALTER TABLE t ADD d TINYINT UNSIGNED FIRST, ADD COLUMN (e DATETIME(3), f VARCHAR(5) CHARACTER SET latin1);
INSERT INTO t VALUES (4, 4, 'four', 4, 4, '2024-04-04', 'ä');
ALTER TABLE t ADD g JSON AFTER a;
UPDATE t SET g = '{"x": 1}' WHERE id = 4;
ALTER TABLE t MODIFY b BIGINT UNSIGNED NOT NULL, MODIFY COLUMN a TEXT;
UPDATE t SET b = 18446744073709551615 WHERE id = 4;
ALTER TABLE t CHANGE COLUMN b bee VARCHAR(30) NULL DEFAULT 'x' AFTER c;
UPDATE t SET bee = NULL WHERE id = 3;
ALTER TABLE t RENAME COLUMN c TO sea, RENAME COLUMN a TO c;
UPDATE t SET c = 'renamed' WHERE id = 3;
ALTER TABLE t DROP COLUMN d, DROP e;
UPDATE t SET c = 'dropped' WHERE id = 3;
ALTER TABLE t MODIFY f VARCHAR(5) CHARACTER SET utf8mb4 FIRST;
UPDATE t SET f = '😀' WHERE id = 4;
ALTER TABLE t ALTER COLUMN sea SET DEFAULT 9.99, ALTER bee DROP DEFAULT;
INSERT INTO t (id, c, bee) VALUES (5, 'defaults', NULL);

-- stream
USE alter_columns;
ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, sea);
UPDATE t SET c = 'wider key' WHERE id = 5;
ALTER TABLE t DROP PRIMARY KEY;
UPDATE t SET c = 'no key' WHERE id = 5;
ALTER TABLE t ADD PRIMARY KEY (id);
UPDATE t SET c = 'key' WHERE id = 5;
ALTER TABLE t ADD COLUMN gen INT AS (id * 2) STORED, ADD hidden INT INVISIBLE DEFAULT 3;
INSERT INTO t (id, c, bee) VALUES (6, 'generated', 'b');
UPDATE t SET f = NULL;
ALTER TABLE t CONVERT TO CHARACTER SET latin1;
UPDATE t SET c = 'café', f = 'é' WHERE id = 6;
ALTER TABLE t COMMENT = 'a comment', ENGINE = InnoDB;
ALTER TABLE t ADD INDEX by_c (c(5)) INVISIBLE;
ALTER TABLE t ALTER INDEX by_c VISIBLE;
UPDATE t SET c = 'end' WHERE id = 6;
