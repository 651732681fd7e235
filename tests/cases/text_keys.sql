-- Keys as text, and JSON in its other forms: nulls that stay null, decimals that are numbers.
-- config: database.include.list = text_keys
-- config: key.converter = org.apache.kafka.connect.storage.StringConverter
-- config: value.converter = org.apache.kafka.connect.json.JsonConverter
-- config: value.converter.decimal.format = NUMERIC
-- config: value.converter.replace.null.with.default = false

-- before snapshot
CREATE DATABASE text_keys;
USE text_keys;
CREATE TABLE t (
  a INT, b VARCHAR(20), c DECIMAL(20,8), d DATETIME(3), f DOUBLE, u BIGINT UNSIGNED, y YEAR, s SMALLINT, bin VARBINARY(4), e ENUM('x', 'y'),
  amount DECIMAL(65,2) DEFAULT 1.25, tiny DECIMAL(12,10) NOT NULL DEFAULT 0.0000000001, n INT DEFAULT 7, txt VARCHAR(5) DEFAULT 'dflt',
  PRIMARY KEY (b, a, c, d, f, u, y, s, bin, e)
);
INSERT INTO t VALUES
  (1, 'é=,{}', 1.5, '2024-02-29 12:34:56.789', 0.1, 18446744073709551615, 2024, -3, 0x00FF, 'x', -12.34, 1.5, NULL, NULL),
  (2, '', -0.00000001, '1969-12-31 00:00:00', 1e300, 0, 1901, 0, '', 'y', NULL, 0, 1, ''),
  (3, 'c', 0, '1970-01-01 00:00:00', -0.0, 1, 2155, 1, 'a', 'y', 999999999999999999999999999999999999999999999999999999999999999.99, 99.9999999999, 2, 'x');
CREATE TABLE d (k DECIMAL(10,2) PRIMARY KEY, v INT DEFAULT 3);
INSERT INTO d VALUES (1234567.5, NULL);
CREATE TABLE without_key (v DECIMAL(5,0));
INSERT INTO without_key VALUES (NULL), (-99999);

-- stream
USE text_keys;
INSERT INTO t (a, b, c, d, f, u, y, s, bin, e) VALUES (4, 'd', 12345678.00000001, '2024-01-01', 123456789, 5, 2000, 1, 0x61626364, 'x');
UPDATE t SET amount = NULL, n = NULL, txt = NULL, tiny = 0.0000001 WHERE a = 3;
UPDATE t SET a = 5 WHERE a = 4;
DELETE FROM t WHERE a = 2;
UPDATE d SET k = -0.5, v = 4;
INSERT INTO without_key VALUES (0);
