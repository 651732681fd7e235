-- table.include.list with a pattern: tables that match, that do not, that are renamed into and out of it, and a second database.
-- config: table.include.list = table_filters\.orders.*,table_filters_2\.kept

-- before snapshot
CREATE DATABASE table_filters;
CREATE DATABASE table_filters_2;
USE table_filters;
CREATE TABLE orders (id INT PRIMARY KEY, v INT);
CREATE TABLE orders_old (id INT PRIMARY KEY);
CREATE TABLE secret (id INT PRIMARY KEY, v VARCHAR(10));
INSERT INTO orders VALUES (1, 1);
INSERT INTO orders_old VALUES (1);
INSERT INTO secret VALUES (1, 'hidden');
CREATE TABLE table_filters_2.kept (id INT PRIMARY KEY);
CREATE TABLE table_filters_2.orders (id INT PRIMARY KEY);
INSERT INTO table_filters_2.kept VALUES (1);
INSERT INTO table_filters_2.orders VALUES (1);

-- stream
USE table_filters;
BEGIN;
INSERT INTO orders VALUES (2, 2);
INSERT INTO secret VALUES (2, 'hidden');
INSERT INTO table_filters_2.kept VALUES (2);
INSERT INTO table_filters_2.orders VALUES (2);
COMMIT;
ALTER TABLE secret ADD w INT;
UPDATE secret SET w = 1;
CREATE TABLE orders_new (id INT PRIMARY KEY, v INT);
INSERT INTO orders_new VALUES (1, 1);
CREATE TABLE hidden_too (id INT PRIMARY KEY);
INSERT INTO hidden_too VALUES (1);
RENAME TABLE orders_old TO archive;
INSERT INTO archive VALUES (2);
RENAME TABLE secret TO orders_secret;
INSERT INTO orders_secret VALUES (3, 'shown', 3);
DROP TABLE archive, orders_new;
DROP DATABASE table_filters_2;
INSERT INTO orders VALUES (3, 3);
