-- JSON: every kind of value, nesting, numbers at their edges, escapes, unicode, values of SQL types inside, large documents.
-- config: database.include.list = json

-- before snapshot
CREATE DATABASE json;
USE json;
CREATE TABLE documents (id INT PRIMARY KEY, j JSON, j_set JSON NOT NULL);
INSERT INTO documents VALUES
  (1, NULL, '{}'), (2, 'null', '[]'), (3, 'true', 'false'), (4, '0', '-1'), (5, '"text"', '""'),
  (6, '{"b": 1, "a": [1, 2, {"c": null}], "long key name": {"": ""}}', '[[[[]]], {}, [{}]]'),
  (7, '[127, 128, 32767, 32768, -32768, -32769, 2147483647, 2147483648, -2147483649, 9223372036854775807, -9223372036854775808, 9223372036854775808, 18446744073709551615]', '[0.0, -0.0, 1.0, 0.1, -1.5]'),
  (8, '[1e10, 1e15, 1e16, 1.5e300, 5e-324, 1e-5, 123456789.123, 0.0001, 1e2]', '[18446744073709551616, 3.141592653589793]'),
  (9, '"quote \\" backslash \\\\ slash / newline \\n tab \\t null \\u0000 del \\u007f bell \\b feed \\f return \\r"', '{"key \\" \\n": "<>&\'"}'),
  (10, '"é日本😀 \\u2028"', '{"日本": "é", "😀": 1}'),
  (11, JSON_OBJECT('decimal', CAST(12.50 AS DECIMAL(10,2)), 'small', CAST(-0.001 AS DECIMAL(5,3)), 'whole', CAST(7 AS DECIMAL(20,0)), 'wide', 99999999999999999999.9999999999),
       JSON_ARRAY(CAST('2024-02-29' AS DATE), CAST('12:34:56.789012' AS TIME(6)), CAST('2024-02-29 12:34:56.5' AS DATETIME(6)), CAST('2024-02-29 12:34:56' AS DATETIME))),
  (12, JSON_ARRAY(CAST('-13:00:57.000789' AS TIME(6)), CAST('838:59:59' AS TIME)), JSON_OBJECT('bytes', CAST(0x00FF AS BINARY), 'bits', b'101', 'year', CAST(2024 AS YEAR))),
  (13, JSON_OBJECT('long', REPEAT('x', 300)), JSON_ARRAY(REPEAT('é', 130), TRUE, FALSE, NULL));
CREATE TABLE large (id INT PRIMARY KEY, j JSON);
INSERT INTO large SELECT 1, CONCAT('[', REPEAT('1234567,', 100), '"', REPEAT('large', 13200), '"]');

-- stream
USE json;
UPDATE documents SET id = id + 20;
UPDATE large SET j = JSON_SET(j, '$[0]', 'changed', '$[101]', 'short');
INSERT INTO documents VALUES (14, JSON_SET('{"a": [1, 2]}', '$.a[2]', CAST('{"x": true}' AS JSON)), JSON_MERGE_PATCH('{"a": 1}', '{"b": 2}'));
