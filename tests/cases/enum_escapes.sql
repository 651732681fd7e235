-- Members of ENUM and SET that need escapes: quotes, backslashes, commas.
-- config: database.include.list = enum_escapes
-- binlog_row_metadata: MINIMAL, FULL

-- before snapshot
CREATE DATABASE enum_escapes;
USE enum_escapes;
CREATE TABLE choices (id INT PRIMARY KEY, e ENUM('it''s', 'x,y', 'back\\slash', '"quoted"', 'tab\tbed', 'paren)'), s SET('it''s', 'back\\slash', '"'));
INSERT INTO choices VALUES (1, 'it''s', 'it''s'), (2, 'x,y', NULL), (3, 'back\\slash', 'back\\slash,"'), (4, '"quoted"', '"'), (5, 'tab\tbed', ''), (6, 'paren)', NULL);

-- stream
USE enum_escapes;
UPDATE choices SET id = id + 10;
