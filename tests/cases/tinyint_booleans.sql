-- TINYINT(1) as booleans by Debezium's converter: values, keys and their changes, NULL, defaults, and after DDL.
-- config: database.include.list = tinyint_booleans
-- config: converters = flags
-- config: flags.type = io.debezium.connector.mysql.converters.TinyIntOneToBooleanConverter
-- config: flags.selector = tinyint_booleans\.flags\.(id_flag|yes.*|no.*|late|wide|bool_type)

-- before snapshot
CREATE DATABASE tinyint_booleans;
USE tinyint_booleans;
CREATE TABLE flags (
  id INT, id_flag TINYINT(1),
  yes TINYINT(1) DEFAULT 1, yes_set TINYINT(1) NOT NULL DEFAULT 5, no TINYINT(1), no_set BOOLEAN NOT NULL DEFAULT FALSE, wide TINYINT(4), unnamed TINYINT(1), bool_type BOOL DEFAULT -1,
  PRIMARY KEY (id, id_flag)
);
INSERT INTO flags VALUES (1, 1, 1, 1, 0, 0, 1, 1, 1), (2, 0, NULL, DEFAULT, NULL, DEFAULT, NULL, NULL, NULL), (3, -1, -1, 127, 2, -128, 2, 2, 0);

-- stream
USE tinyint_booleans;
UPDATE flags SET no = 1, yes_set = -1;
UPDATE flags SET id_flag = 1 WHERE id = 2;
UPDATE flags SET id_flag = 5 WHERE id = 1;
ALTER TABLE flags ADD COLUMN late TINYINT(1) NOT NULL DEFAULT 1, ADD COLUMN no_more BOOL DEFAULT TRUE, MODIFY yes TINYINT(4) DEFAULT 3;
UPDATE flags SET late = 0, no_more = NULL WHERE id = 3;
DELETE FROM flags WHERE id = 1;
