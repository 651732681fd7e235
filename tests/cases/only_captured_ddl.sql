-- store.only.captured.tables.ddl: neither the history nor the schema change topic tells of the other tables and databases.
-- config: table.include.list = only_captured_ddl.orders
-- config: schema.history.internal.store.only.captured.tables.ddl = true
-- config: schema.history.internal.store.only.captured.databases.ddl = true

-- before snapshot
CREATE DATABASE only_captured_ddl;
CREATE DATABASE only_captured_ddl_2;
USE only_captured_ddl;
CREATE TABLE orders (id INT PRIMARY KEY, v INT);
CREATE TABLE secret (id INT PRIMARY KEY);
CREATE TABLE only_captured_ddl_2.other (id INT PRIMARY KEY);
INSERT INTO orders VALUES (1, 1);

-- stream
USE only_captured_ddl;
ALTER TABLE secret ADD w INT;
ALTER TABLE orders ADD w INT;
INSERT INTO orders VALUES (2, 2, 2);
ALTER TABLE only_captured_ddl_2.other ADD w INT;
CREATE TABLE orders_2 (id INT PRIMARY KEY);
DROP TABLE secret;
DROP DATABASE only_captured_ddl_2;
