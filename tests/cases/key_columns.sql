-- message.key.columns in place of the tables' own keys, a change of such a key, and no tombstones.
-- config: database.include.list = key_columns
-- config: message.key.columns = key_columns.orders:customer,number;key_columns.log:day
-- config: tombstones.on.delete = false

-- before snapshot
CREATE DATABASE key_columns;
USE key_columns;
CREATE TABLE orders (id INT PRIMARY KEY, number INT, customer VARCHAR(10), v INT);
INSERT INTO orders VALUES (1, 10, 'ann', 1), (2, NULL, 'bob', 2);
CREATE TABLE log (day DATE, line VARCHAR(10));
INSERT INTO log VALUES ('2024-01-01', 'first');

-- stream
USE key_columns;
UPDATE orders SET v = 5 WHERE id = 1;
UPDATE orders SET customer = 'carl' WHERE id = 2;
UPDATE orders SET id = 3 WHERE id = 1;
DELETE FROM orders WHERE id = 3;
DELETE FROM log;
