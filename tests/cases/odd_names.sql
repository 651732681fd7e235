-- Names that are no Avro names, with the default adjustment: none. Debezium stops.
-- config: database.include.list = odd_names

-- before snapshot
CREATE DATABASE odd_names;
USE odd_names;
CREATE TABLE t (id INT PRIMARY KEY, `a-b` INT);
INSERT INTO t VALUES (1, 1);

-- stream
USE odd_names;
INSERT INTO t VALUES (2, 2);
