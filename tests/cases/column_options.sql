-- Columns cut, masked and hashed, types and comments told in the schema: in rows and not in keys, with NULL, defaults, and after DDL.
-- config: database.include.list = column_options
-- config: include.schema.comments = true
-- config: column.truncate.to.3.chars = column_options\.(msgs|others)\.(body|note|nick|bin|e|d|n|at|bits|j)
-- config: column.truncate.to.0.chars = column_options\.msgs\.zero
-- config: column.mask.with.5.chars = column_options\.(msgs|others)\.(secret|pin|id|choice)
-- config: column.mask.with.0.chars = column_options\.msgs\.nothing
-- config: column.mask.hash.SHA-256.with.salt.s4lt = column_options\.(msgs|others)\.(email|short_hash|body)
-- config: column.mask.hash.v2.SHA-512.with.salt.a.b = column_options\.msgs\.email2
-- config: column.mask.hash.MD5.with.salt.x = column_options\.others\.(name|told)
-- config: column.propagate.source.type = column_options\.others\.(told|amount|comment.*)
-- config: datatype.propagate.source.type = .+\.(DATETIME|smallint unsigned|SET)

-- before snapshot
CREATE DATABASE column_options CHARACTER SET utf8mb4;
USE column_options;
CREATE TABLE msgs (
  id VARCHAR(20) PRIMARY KEY,
  body VARCHAR(100) DEFAULT 'default', note TEXT, nick VARCHAR(3), zero VARCHAR(20), secret VARCHAR(20) NOT NULL DEFAULT 'in the clear', pin INT, nothing CHAR(4),
  email VARCHAR(100), email2 VARCHAR(255) NOT NULL, short_hash CHAR(10), bin VARBINARY(20), e ENUM('😀😀😀', 'b'), choice SET('x', 'y')
) COMMENT 'a table''s comment';
INSERT INTO msgs VALUES
  ('a long key', 'ab😀cd', '😀😀😀', '😀😀😀', 'gone', 'hush', 1234, 'x', 'ann@example.org', 'ann@example.org', 'é😀', x'0102030405', '😀😀😀', 'x,y'),
  ('b', NULL, NULL, NULL, NULL, DEFAULT, NULL, NULL, NULL, '', NULL, NULL, NULL, NULL),
  ('c', '', 'a', 'b', '', '', 0, '', '', REPEAT('日本', 100), '', x'', 'b', '');
CREATE TABLE others (
  id INT PRIMARY KEY COMMENT 'in both schemas',
  name VARCHAR(40) COMMENT 'hashed', told VARCHAR(12) CHARACTER SET latin1 DEFAULT 'é', amount DECIMAL(8,2) UNSIGNED NOT NULL DEFAULT 1.5 COMMENT 'what it costs', comment_empty BIGINT COMMENT '',
  small SMALLINT UNSIGNED, dt DATETIME(3), tags SET('a', 'b'), d DECIMAL(20,4), n INT, at TIMESTAMP(6) NULL, bits BIT(40), j JSON
);
INSERT INTO others VALUES
  (1, 'ann', 'told', 2, 3, 4, '2024-02-29 01:02:03.4', 'a,b', 1234567.5, 123456, '2024-02-29 01:02:03', b'10101', '{"a": 1}'),
  (2, NULL, NULL, DEFAULT, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

-- stream
USE column_options;
UPDATE msgs SET body = 'x😀😀' WHERE id = 'c';
UPDATE msgs SET id = 'b2', email = 'bob@example.org' WHERE id = 'b';
DELETE FROM msgs WHERE id = 'a long key';
INSERT INTO msgs (id, email2) VALUES ('d', 'd');
UPDATE others SET id = id + 10;
ALTER TABLE others ADD COLUMN comment_late FLOAT(7,3) NOT NULL DEFAULT 0.5 COMMENT 'added later', MODIFY name VARCHAR(50) COMMENT 'longer', ADD COLUMN secret CHAR(3);
UPDATE others SET secret = 'abc' WHERE id = 11;
