-- database.include.list with two of three databases, tables of the same name, a transaction over all of them, character sets of databases.
-- config: database.include.list = databases_a,databases_b

-- before snapshot
CREATE DATABASE databases_a CHARACTER SET latin1;
CREATE DATABASE databases_b CHARACTER SET utf8mb3;
CREATE DATABASE databases_c;
CREATE TABLE databases_a.t (id INT PRIMARY KEY, v VARCHAR(10));
CREATE TABLE databases_b.t (id INT PRIMARY KEY, v VARCHAR(10));
CREATE TABLE databases_c.t (id INT PRIMARY KEY, v VARCHAR(10));
INSERT INTO databases_a.t VALUES (1, 'é');
INSERT INTO databases_b.t VALUES (1, '日本');
INSERT INTO databases_c.t VALUES (1, 'hidden');

-- stream
BEGIN;
INSERT INTO databases_a.t VALUES (2, 'ü');
INSERT INTO databases_b.t VALUES (2, '語');
INSERT INTO databases_c.t VALUES (2, 'hidden');
COMMIT;
ALTER DATABASE databases_a CHARACTER SET utf8mb4;
CREATE TABLE databases_a.u (v VARCHAR(10) PRIMARY KEY);
INSERT INTO databases_a.u VALUES ('😀');
USE databases_c;
CREATE TABLE databases_b.u (v VARCHAR(10) PRIMARY KEY);
INSERT INTO databases_b.u VALUES ('✓');
RENAME TABLE databases_a.t TO databases_b.moved;
INSERT INTO databases_b.moved VALUES (3, 'ä');
ALTER TABLE databases_c.t ADD w INT;
DROP TABLE databases_b.u, databases_c.t;
CREATE DATABASE databases_d;
