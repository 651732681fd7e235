-- Defaults whose text needs care: quotes, backslashes, hex, BINARY padding, the largest BIGINT UNSIGNED, numbers as text.
-- config: database.include.list = default_escapes

-- before snapshot
CREATE DATABASE default_escapes;
USE default_escapes;
CREATE TABLE texts (
  id INT PRIMARY KEY,
  quoted VARCHAR(20) NOT NULL DEFAULT 'it''s', slashed VARCHAR(20) NOT NULL DEFAULT 'a\\b', broken VARCHAR(20) NOT NULL DEFAULT 'a\nb', doubled VARCHAR(20) NOT NULL DEFAULT '"', null_word VARCHAR(20) NOT NULL DEFAULT 'NULL',
  stamp VARCHAR(20) NOT NULL DEFAULT 'CURRENT_TIMESTAMP'
);
CREATE TABLE numbers (
  id INT PRIMARY KEY,
  hex VARBINARY(5) NOT NULL DEFAULT 0x00FF, fixed BINARY(4) NOT NULL DEFAULT 'a', huge BIGINT UNSIGNED NOT NULL DEFAULT 18446744073709551615,
  as_text INT NOT NULL DEFAULT '12', rounded INT NOT NULL DEFAULT 7.6, exponent DOUBLE NOT NULL DEFAULT 1e3, negative DECIMAL(6,2) NOT NULL DEFAULT -1, whole DECIMAL(6,2) NOT NULL DEFAULT 1
);
INSERT INTO texts (id) VALUES (1);
INSERT INTO numbers (id) VALUES (1);

-- stream
USE default_escapes;
UPDATE texts SET id = 2;
UPDATE numbers SET id = 2;
