-- Tables created, copied, renamed, swapped, truncated and dropped while the connector streams; statements that change nothing.
-- config: database.include.list = tables_come_and_go

-- before snapshot
CREATE DATABASE tables_come_and_go;
USE tables_come_and_go;
CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(10));
CREATE TABLE b (id INT PRIMARY KEY, n INT);
INSERT INTO a VALUES (1, 'a');
INSERT INTO b VALUES (1, 1);

-- stream
USE tables_come_and_go;
CREATE TABLE c (id INT NOT NULL AUTO_INCREMENT, t TEXT COMMENT 'a text', PRIMARY KEY (id)) COMMENT = 'the third';
INSERT INTO c (t) VALUES ('first');
CREATE TABLE IF NOT EXISTS c (other INT);
CREATE TABLE like_a LIKE a;
INSERT INTO like_a SELECT * FROM a;
CREATE TABLE selected (PRIMARY KEY (id)) SELECT id, v FROM a;
INSERT INTO selected VALUES (2, 'after');
RENAME TABLE c TO d;
INSERT INTO d (t) VALUES ('renamed');
ALTER TABLE d RENAME TO e, ADD n INT;
INSERT INTO e (t, n) VALUES ('renamed again', 2);
RENAME TABLE a TO swap, b TO a, swap TO b;
INSERT INTO a VALUES (2, 2);
INSERT INTO b VALUES (2, 'b');
TRUNCATE TABLE a;
INSERT INTO a VALUES (3, 3);
CREATE INDEX e_n ON e (n);
ALTER TABLE e ADD INDEX e_t (t(5)), ADD UNIQUE KEY e_u (id, n);
DROP INDEX e_n ON e;
CREATE VIEW v AS SELECT * FROM a;
CREATE TEMPORARY TABLE temp (id INT);
INSERT INTO temp VALUES (1);
DROP TEMPORARY TABLE temp;
ANALYZE TABLE a;
CREATE PROCEDURE p() INSERT INTO a VALUES (4, 4);
CALL p();
INSERT INTO e (t) VALUES ('indexed');
DROP TABLE IF EXISTS like_a, selected, no_such;
DROP VIEW v;
CREATE TABLE selected (name VARCHAR(20) PRIMARY KEY);
INSERT INTO selected VALUES ('new shape');
CREATE TABLE parted (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION low VALUES LESS THAN (10), PARTITION high VALUES LESS THAN MAXVALUE);
INSERT INTO parted VALUES (1, 1), (100, 2);
ALTER TABLE parted DROP PARTITION low;
UPDATE parted SET v = 3;
DROP TABLE parted;
DROP DATABASE tables_come_and_go;
CREATE DATABASE tables_come_and_go CHARACTER SET latin1;
USE tables_come_and_go;
CREATE TABLE a (v VARCHAR(10) PRIMARY KEY);
INSERT INTO a VALUES ('café');
