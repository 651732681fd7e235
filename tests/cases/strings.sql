-- CHAR, VARCHAR and the TEXTs in utf8mb4, utf8mb3, latin1, ascii and binary collations: empty, blanks, four-byte characters,
-- latin1's upper half (which is MySQL's cp1252), long values; the same rows in the snapshot and in the stream.
-- config: database.include.list = strings
-- binlog_row_metadata: MINIMAL, FULL

-- before snapshot
CREATE DATABASE strings DEFAULT CHARACTER SET latin1;
USE strings;
CREATE TABLE unicode (
  id VARCHAR(20) PRIMARY KEY,
  c CHAR(8), v VARCHAR(50), v_set VARCHAR(301) NOT NULL, tiny TINYTEXT, plain TEXT, medium MEDIUMTEXT, large LONGTEXT,
  bin VARCHAR(20) COLLATE utf8mb4_bin, old VARCHAR(20) CHARACTER SET utf8mb3, old_text TEXT CHARACTER SET utf8mb3 COLLATE utf8mb3_bin
) CHARACTER SET utf8mb4;
INSERT INTO unicode VALUES
  ('', '', '', '', '', '', '', '', '', '', ''),
  ('ascii', 'abc  ', 'abc  ', 'abc', 'tiny', 'plain', 'medium', 'large', 'bin', 'old', 'old text'),
  ('é', 'é日本', 'naïve', 'Ω≈ç√', 'ß', '日本語', 'Привет', 'مرحبا', 'é', 'é日本', '日本語'),
  ('😀', '😀', '😀👨‍👩‍👧', '𝄞', '😀', '😀', '😀', '😀', '😀', '✓', '✓'),
  ('odd', '\\''"', 'a\nb\tc\r', CONCAT('nul', 0x00, 'byte'), '{"a":1}', '\Z', ' lead', 'trail ', '\u2028', '\'', '"'),
  ('null', NULL, NULL, REPEAT('é', 300), NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE western (
  id VARCHAR(20) PRIMARY KEY,
  c CHAR(8), v VARCHAR(300), t TEXT, a VARCHAR(20) CHARACTER SET ascii, u VARCHAR(20) CHARACTER SET utf8mb4, n NCHAR(5), nv NATIONAL VARCHAR(5)
);
INSERT INTO western VALUES
  ('é', 'é', 'naïve café', 'Straße', 'ascii', '😀', 'é日', '日本'),
  ('upper', _latin1 0x8082838485868788, _latin1 0x898A8B8C8E919293949596979899, _latin1 0x9A9B9C9E9FA0A1BFC0FF, '~', 'ÿ', '', NULL),
  ('undefined', _latin1 0x818D8F, _latin1 0x909D, NULL, NULL, NULL, NULL, NULL),
  ('long', 'x', REPEAT('ü', 300), REPEAT('ö', 256), '', '', 'x', 'y');

-- stream
USE strings;
UPDATE unicode SET v_set = CONCAT(v_set, '+');
UPDATE western SET id = CONCAT(id, '2');
