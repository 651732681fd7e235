-- column.include.list.
-- config: database.include.list = column_includes
-- config: column.include.list = column_includes\.people\.(id|name)

-- before snapshot
CREATE DATABASE column_includes;
USE column_includes;
CREATE TABLE people (id INT PRIMARY KEY, secret VARCHAR(10), name VARCHAR(10));
INSERT INTO people VALUES (1, 'hidden', 'ann');

-- stream
USE column_includes;
INSERT INTO people VALUES (2, 'hidden', 'bob');
ALTER TABLE people ADD more INT FIRST;
UPDATE people SET name = 'carl', more = 1 WHERE id = 2;
