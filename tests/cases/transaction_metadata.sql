-- provide.transaction.metadata: the boundaries of transactions, and the place of every change in its own.
-- config: database.include.list = transaction_metadata
-- config: provide.transaction.metadata = true
-- config: topic.transaction = boundaries
-- config: skipped.operations = none

-- before snapshot
CREATE DATABASE transaction_metadata;
USE transaction_metadata;
CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(10));
CREATE TABLE b (id INT PRIMARY KEY, v VARCHAR(10));
CREATE TABLE `left_out` (id INT PRIMARY KEY);
INSERT INTO a VALUES (1, 'one');
CREATE DATABASE elsewhere;
CREATE TABLE elsewhere.t (id INT PRIMARY KEY);

-- stream
USE transaction_metadata;
INSERT INTO a VALUES (2, 'two');
BEGIN;
INSERT INTO b VALUES (1, 'one'), (2, 'two');
UPDATE a SET v = UPPER(v);
UPDATE b SET id = 3 WHERE id = 1;
DELETE FROM b WHERE id = 2;
COMMIT;
-- Nothing of it is captured.
INSERT INTO elsewhere.t VALUES (1);
BEGIN;
INSERT INTO elsewhere.t VALUES (2);
INSERT INTO a VALUES (3, 'three');
COMMIT;
ALTER TABLE a ADD w INT;
INSERT INTO a VALUES (4, 'four', 4);
TRUNCATE TABLE b;
BEGIN;
INSERT INTO a VALUES (5, 'five', 5);
SAVEPOINT s;
INSERT INTO a VALUES (6, 'six', 6);
ROLLBACK TO SAVEPOINT s;
COMMIT;
CREATE TABLE c (id INT PRIMARY KEY) AS SELECT id FROM b;
INSERT INTO c VALUES (1);
