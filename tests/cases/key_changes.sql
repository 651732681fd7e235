-- Changes of keys, deletes and their tombstones, REPLACE, ON DUPLICATE KEY, multi-row statements that shift keys over one another.
-- config: database.include.list = key_changes

-- before snapshot
CREATE DATABASE key_changes;
USE key_changes;
CREATE TABLE items (id INT PRIMARY KEY, name VARCHAR(20), code INT UNIQUE);
INSERT INTO items VALUES (1, 'one', 100), (2, 'two', 200), (3, 'three', 300);
CREATE TABLE mixed (k CHAR(3) NOT NULL, bytes VARBINARY(4) NOT NULL, at DATETIME(3) NOT NULL, price DECIMAL(6,2) NOT NULL, v INT, PRIMARY KEY (k, bytes, at, price));
INSERT INTO mixed VALUES ('é"', 0x00FF, '2024-02-29 12:34:56.789', 12.50, 1);

-- stream
USE key_changes;
UPDATE items SET id = 10 WHERE id = 1;
DELETE FROM items WHERE id = 2;
INSERT INTO items VALUES (2, 'two again', 200);
UPDATE items SET id = id + 1 ORDER BY id DESC;
REPLACE INTO items VALUES (3, 'replaced', 300);
REPLACE INTO items VALUES (50, 'takes the code', 300);
INSERT INTO items VALUES (50, 'fifty', 500) ON DUPLICATE KEY UPDATE name = 'updated';
INSERT INTO items VALUES (60, 'sixty', 600), (61, 'sixty-one', 610) ON DUPLICATE KEY UPDATE name = 'never';
UPDATE items SET name = name;
DELETE FROM items;
UPDATE mixed SET k = 'ab', price = -0.01;
DELETE FROM mixed;
