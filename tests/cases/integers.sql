-- Every integer type, signed and unsigned, at its edges, NULL and NOT NULL; the same rows in the snapshot and in the stream.
-- config: database.include.list = integers
-- binlog_row_metadata: MINIMAL, FULL

-- before snapshot
CREATE DATABASE integers;
USE integers;
CREATE TABLE signed_ints (
  id TINYINT PRIMARY KEY,
  tiny TINYINT, small SMALLINT, medium MEDIUMINT, plain INT, big BIGINT,
  tiny_set TINYINT NOT NULL, small_set SMALLINT NOT NULL, medium_set MEDIUMINT NOT NULL, plain_set INT NOT NULL, big_set BIGINT NOT NULL
);
INSERT INTO signed_ints VALUES
  (1, -128, -32768, -8388608, -2147483648, -9223372036854775808, -128, -32768, -8388608, -2147483648, -9223372036854775808),
  (2, 127, 32767, 8388607, 2147483647, 9223372036854775807, 127, 32767, 8388607, 2147483647, 9223372036854775807),
  (3, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0),
  (4, -1, -1, -1, -1, -1, 1, 1, 1, 1, 1);
CREATE TABLE unsigned_ints (
  id BIGINT UNSIGNED PRIMARY KEY,
  tiny TINYINT UNSIGNED, small SMALLINT UNSIGNED, medium MEDIUMINT UNSIGNED, plain INT UNSIGNED, big BIGINT UNSIGNED,
  tiny_set TINYINT UNSIGNED NOT NULL, small_set SMALLINT UNSIGNED NOT NULL, medium_set MEDIUMINT UNSIGNED NOT NULL,
  plain_set INT UNSIGNED NOT NULL, big_set BIGINT UNSIGNED NOT NULL
);
INSERT INTO unsigned_ints VALUES
  (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  (2, 255, 65535, 16777215, 4294967295, 18446744073709551615, 255, 65535, 16777215, 4294967295, 18446744073709551615),
  (3, NULL, NULL, NULL, NULL, NULL, 128, 32768, 8388608, 2147483648, 9223372036854775808),
  (18446744073709551615, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
CREATE TABLE widths (
  id SERIAL PRIMARY KEY,
  flag TINYINT(1), flag_set BOOL NOT NULL, tiny_4 TINYINT(4), filled INT(7) ZEROFILL, wide BIGINT(30), yes BOOLEAN DEFAULT TRUE
);
INSERT INTO widths VALUES (1, 0, TRUE, 4, 7, 8, FALSE), (2, NULL, FALSE, NULL, NULL, NULL, 2), (3, -7, 5, 1, 12345678, 1, 1);

-- stream
USE integers;
UPDATE signed_ints SET id = id + 10;
UPDATE unsigned_ints SET tiny_set = tiny_set ^ 1;
UPDATE widths SET tiny_4 = -4;
INSERT INTO widths (flag_set) VALUES (1);
