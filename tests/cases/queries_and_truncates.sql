-- The statement in each record, a record for each TRUNCATE, and no record of an update that changes nothing published.
-- config: database.include.list = queries_and_truncates
-- config: include.query = true
-- config: skipped.operations = none
-- config: skip.messages.without.change = true
-- config: column.exclude.list = queries_and_truncates\.orders\.internal

-- before snapshot
CREATE DATABASE queries_and_truncates;
USE queries_and_truncates;
CREATE TABLE orders (id INT PRIMARY KEY, v VARCHAR(20), internal INT);
INSERT INTO orders VALUES (1, 'one', 1), (2, 'two', 2);
CREATE TABLE keyless (v INT);
INSERT INTO keyless VALUES (1);

-- stream
USE queries_and_truncates;
SET binlog_rows_query_log_events = ON;
INSERT INTO orders VALUES (3, 'é😀', 3), (4, 'four', 4);
UPDATE /* both */ orders SET internal = internal + 1, v = IF(id = 1, 'changed', v);
UPDATE orders SET internal = 0;
UPDATE orders SET id = 5 WHERE id = 4;
BEGIN;
DELETE FROM orders WHERE id = 5;
INSERT INTO keyless VALUES (2), (3);
SET binlog_rows_query_log_events = OFF;
INSERT INTO keyless VALUES (4);
COMMIT;
INSERT INTO orders VALUES (6, 'without a query', 6);
SET binlog_rows_query_log_events = ON;
TRUNCATE TABLE orders;
TRUNCATE keyless;
CREATE TABLE late (id INT PRIMARY KEY);
INSERT INTO late VALUES (1);
TRUNCATE `late`;
INSERT INTO late VALUES (2);
