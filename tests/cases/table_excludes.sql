-- database.exclude.list and table.exclude.list.
-- config: database.exclude.list = table_excludes_2
-- config: table.exclude.list = table_excludes.secret,.*\.tmp_.*

-- before snapshot
CREATE DATABASE table_excludes;
CREATE DATABASE table_excludes_2;
USE table_excludes;
CREATE TABLE orders (id INT PRIMARY KEY);
CREATE TABLE secret (id INT PRIMARY KEY);
CREATE TABLE tmp_1 (id INT PRIMARY KEY);
INSERT INTO orders VALUES (1);
INSERT INTO secret VALUES (1);
INSERT INTO tmp_1 VALUES (1);
CREATE TABLE table_excludes_2.orders (id INT PRIMARY KEY);
INSERT INTO table_excludes_2.orders VALUES (1);

-- stream
USE table_excludes;
INSERT INTO orders VALUES (2);
INSERT INTO secret VALUES (2);
INSERT INTO tmp_1 VALUES (2);
INSERT INTO table_excludes_2.orders VALUES (2);
RENAME TABLE tmp_1 TO done;
INSERT INTO done VALUES (3);
