-- column.exclude.list, an excluded key column, and DDL of an excluded column.
-- config: database.include.list = column_filters
-- config: column.exclude.list = column_filters\.people\.(secret|card.*),column_filters.pairs.b

-- before snapshot
CREATE DATABASE column_filters;
USE column_filters;
CREATE TABLE people (id INT PRIMARY KEY, secret VARCHAR(10), name VARCHAR(10), card_no BIGINT, card_day DATE);
INSERT INTO people VALUES (1, 'hidden', 'ann', 4111, '2024-01-01');
CREATE TABLE pairs (a INT, b INT, v INT, PRIMARY KEY (a, b));
INSERT INTO pairs VALUES (1, 2, 3);

-- stream
USE column_filters;
UPDATE people SET secret = 'changed' WHERE id = 1;
UPDATE people SET name = 'bob' WHERE id = 1;
ALTER TABLE people ADD card_new INT, ADD shown INT;
INSERT INTO people VALUES (2, 'hidden', 'carl', 1, NULL, 5, 6);
ALTER TABLE people DROP secret;
DELETE FROM people WHERE id = 1;
UPDATE pairs SET v = 4;
