-- BIT, BINARY, VARBINARY and the BLOBs: edges, padding, NULL, a binary key; the same rows in the snapshot and in the stream.
-- config: database.include.list = bits_and_bytes

-- before snapshot
CREATE DATABASE bits_and_bytes;
USE bits_and_bytes;
CREATE TABLE bits (
  id INT PRIMARY KEY,
  one BIT(1), one_set BIT NOT NULL, seven BIT(7), eight BIT(8), nine BIT(9), all_64 BIT(64), nine_set BIT(9) NOT NULL
);
INSERT INTO bits VALUES
  (1, 0, 0, 0, 0, 0, 0, 0),
  (2, 1, 1, 127, 255, 511, 18446744073709551615, 511),
  (3, NULL, 1, NULL, NULL, NULL, NULL, 256),
  (4, 0, 1, 1, 1, 257, 9223372036854775808, 1);
CREATE TABLE bytes (
  id BINARY(4) PRIMARY KEY,
  fixed BINARY(6), fixed_set BINARY(3) NOT NULL, var VARBINARY(300), tiny TINYBLOB, plain BLOB, medium MEDIUMBLOB, large LONGBLOB NOT NULL
);
INSERT INTO bytes VALUES
  ('', '', '', '', '', '', '', ''),
  ('a', 'ab', 'abc', 'var', 'tiny', 'plain', 'medium', 'large'),
  (0x00FF00FF, 0x000102030000, 0x200000, 0x00, 0xFF, 0x8081, 0xC3A9, 0x0A0D00),
  (0xFFFFFFFF, NULL, 0xFFFFFF, NULL, NULL, NULL, NULL, 0xF09F9880),
  ('long', NULL, '', REPEAT(0xAB, 300), REPEAT('t', 255), REPEAT('p', 256), REPEAT('m', 300), REPEAT('l', 300));

-- stream
USE bits_and_bytes;
UPDATE bits SET id = id + 10;
UPDATE bytes SET fixed_set = CONCAT(fixed_set);
UPDATE bytes SET large = CONCAT(large, 0x00);
