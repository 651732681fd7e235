-- What becomes the key: composite keys in key order, a unique NOT NULL index in place of a primary key, or none.
-- config: database.include.list = keys
-- binlog_row_metadata: MINIMAL, FULL

-- before snapshot
CREATE DATABASE `keys`;
USE `keys`;
CREATE TABLE composite (b INT NOT NULL, v VARCHAR(10), a VARCHAR(5) NOT NULL, PRIMARY KEY (a, b));
INSERT INTO composite VALUES (1, 'one', 'x'), (2, 'two', 'x'), (1, 'three', 'y'), (7, 'four', 'é');
CREATE TABLE by_unique (id INT, code CHAR(4) NOT NULL, other INT NOT NULL, UNIQUE KEY maybe (id), UNIQUE KEY sure (code), UNIQUE KEY also (other));
INSERT INTO by_unique VALUES (1, 'aaaa', 1), (NULL, 'bbbb', 2);
CREATE TABLE by_nullable (id INT, v INT, UNIQUE KEY (id));
INSERT INTO by_nullable VALUES (1, 1), (NULL, 2);
CREATE TABLE by_prefix (name VARCHAR(20) NOT NULL, v INT, UNIQUE KEY (name(3)));
INSERT INTO by_prefix VALUES ('abcdef', 1);
CREATE TABLE by_expression (a INT NOT NULL, UNIQUE KEY ((a + 1)));
INSERT INTO by_expression VALUES (1);
CREATE TABLE keyless (v VARCHAR(10), n INT);
INSERT INTO keyless VALUES ('same', 1), ('same', 1), (NULL, NULL);
CREATE TABLE ordered (id INT PRIMARY KEY, v INT);
INSERT INTO ordered VALUES (1, 1), (2, 2), (-3, 3), (40, 4), (500, 5), (6000, 6);

-- stream
USE `keys`;
UPDATE composite SET v = UPPER(v);
DELETE FROM composite WHERE b = 2;
UPDATE by_unique SET id = 3 WHERE code = 'bbbb';
UPDATE by_unique SET code = 'cccc' WHERE other = 1;
UPDATE by_nullable SET v = 5;
UPDATE by_prefix SET v = 2;
UPDATE by_expression SET a = 5;
UPDATE keyless SET n = 2;
DELETE FROM keyless WHERE v = 'same' LIMIT 1;
INSERT INTO ordered VALUES (7, 7), (80, 8), (900, 9);
