-- Topics of several partitions: which one a key goes to, and the order of a key's records.
-- config: database.include.list = partitions
-- config: topic.creation.default.partitions = 5

-- before snapshot
CREATE DATABASE partitions;
USE partitions;
CREATE TABLE numbers (id INT PRIMARY KEY, v INT);
INSERT INTO numbers VALUES (1, 1), (2, 2), (-3, 3), (40, 4), (500, 5), (6000, 6), (70000, 7);
CREATE TABLE names (name VARCHAR(20), day DATE, v INT, PRIMARY KEY (day, name));
INSERT INTO names VALUES ('', '2024-01-01', 1), ('é', '1969-12-31', 2), ('a longer name', '2024-02-29', 3);

-- stream
USE partitions;
UPDATE numbers SET v = v + 1;
UPDATE numbers SET id = id + 1 ORDER BY id DESC;
DELETE FROM numbers WHERE id > 100;
UPDATE names SET name = CONCAT(name, '+');
