-- Transactions over several tables, savepoints, rollbacks, foreign key cascades, triggers, a compressed transaction, INSERT .. SELECT.
-- config: database.include.list = transactions

-- before snapshot
CREATE DATABASE transactions;
USE transactions;
CREATE TABLE parents (id INT PRIMARY KEY, name VARCHAR(20));
CREATE TABLE children (id INT PRIMARY KEY AUTO_INCREMENT, parent INT, name VARCHAR(20), FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE audit (id INT PRIMARY KEY AUTO_INCREMENT, what VARCHAR(40));
CREATE TABLE untransacted (id INT PRIMARY KEY) ENGINE = MyISAM;
INSERT INTO parents VALUES (1, 'first'), (2, 'second');
INSERT INTO children VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c');
CREATE TRIGGER parents_audit AFTER UPDATE ON parents FOR EACH ROW INSERT INTO audit (what) VALUES (CONCAT(OLD.name, ' to ', NEW.name));

-- stream
USE transactions;
BEGIN;
INSERT INTO parents VALUES (3, 'third');
INSERT INTO children (parent, name) VALUES (3, 'd'), (3, 'e');
UPDATE parents SET name = 'changed' WHERE id IN (1, 3);
DELETE FROM children WHERE id = 3;
COMMIT;
BEGIN;
INSERT INTO parents VALUES (4, 'never');
ROLLBACK;
BEGIN;
INSERT INTO parents VALUES (5, 'kept');
SAVEPOINT here;
INSERT INTO parents VALUES (6, 'undone');
UPDATE parents SET name = 'undone' WHERE id = 1;
ROLLBACK TO here;
INSERT INTO parents VALUES (7, 'after the savepoint');
RELEASE SAVEPOINT here;
COMMIT;
INSERT INTO untransacted VALUES (1), (2);
BEGIN;
INSERT INTO untransacted VALUES (3);
INSERT INTO parents VALUES (8, 'rolled back');
ROLLBACK;
UPDATE parents SET id = 30 WHERE id = 3;
DELETE FROM parents WHERE id = 1;
INSERT INTO audit (what) SELECT name FROM parents ORDER BY id;
-- Last: how long a compressed transaction is differs from run to run, and with it all that follows.
SET binlog_transaction_compression = ON;
BEGIN;
INSERT INTO parents VALUES (20, REPEAT('x', 20)), (21, REPEAT('y', 20));
DELETE FROM parents WHERE id = 20;
COMMIT;
