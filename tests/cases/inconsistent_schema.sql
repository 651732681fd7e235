-- inconsistent.schema.handling.mode=warn: rows of a table whose definition is not known are left out.
-- config: database.include.list = inconsistent_schema
-- config: inconsistent.schema.handling.mode = warn

-- before snapshot
CREATE DATABASE inconsistent_schema;
USE inconsistent_schema;
CREATE TABLE known (id INT PRIMARY KEY);
INSERT INTO known VALUES (1);

-- stream
USE inconsistent_schema;
SET SESSION sql_log_bin = 0;
CREATE TABLE unknown (id INT PRIMARY KEY);
SET SESSION sql_log_bin = 1;
INSERT INTO unknown VALUES (1);
BEGIN;
INSERT INTO known VALUES (2);
INSERT INTO unknown VALUES (2);
UPDATE unknown SET id = 3 WHERE id = 2;
INSERT INTO known VALUES (3);
COMMIT;
ALTER TABLE unknown ADD COLUMN v INT;
INSERT INTO unknown VALUES (4, 4);
DELETE FROM known WHERE id = 1;
