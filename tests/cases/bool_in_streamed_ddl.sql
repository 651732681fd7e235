-- BOOL, SERIAL and other spellings that SHOW CREATE TABLE rewrites, read by the connector as they were typed.
-- config: database.include.list = bool_in_streamed_ddl

-- before snapshot
CREATE DATABASE bool_in_streamed_ddl;
USE bool_in_streamed_ddl;
CREATE TABLE t (id SERIAL PRIMARY KEY, flag BOOL, one TINYINT(1) NOT NULL DEFAULT 1);
INSERT INTO t VALUES (1, TRUE, 0), (2, NULL, 5);

-- stream
USE bool_in_streamed_ddl;
UPDATE t SET flag = FALSE;
CREATE TABLE u (
  id SERIAL, flag BOOL, flag_set BOOLEAN NOT NULL DEFAULT TRUE, one TINYINT(1), i INTEGER UNSIGNED, m MIDDLEINT, d DEC(5,1), f FIXED(4,2), n NUMERIC, dp DOUBLE PRECISION,
  c CHARACTER(3), cv CHARACTER VARYING(5), cb CHAR BYTE, lv LONG VARCHAR, lb LONG VARBINARY, i4 INT4, f8 FLOAT8, t TEXT(100), b BLOB(100), y YEAR(4), nv NVARCHAR(4), u8 CHAR(3) CHARSET utf8mb3, a CHAR(2) ASCII,
  PRIMARY KEY (id)
);
INSERT INTO u (flag, one, i, m, d, f, n, dp, c, cv, cb, lv, lb, i4, f8, t, b, y, nv, u8, a) VALUES (TRUE, 1, 4294967295, -1, 1.5, 2.25, 3, 0.25, 'c', 'cv', 'b', 'lv', 'lb', 4, 8, 't', 'b', 2024, 'nv', 'é', 'a');
INSERT INTO u (flag) VALUES (NULL), (2);
CREATE TABLE reals (id INT PRIMARY KEY, r REAL);
INSERT INTO reals VALUES (1, 0.1);
ALTER TABLE t ADD late BOOL DEFAULT FALSE;
UPDATE t SET late = TRUE WHERE id = 1;

-- while stopped
USE bool_in_streamed_ddl;
UPDATE u SET flag = FALSE WHERE flag IS NULL;

-- stream
USE bool_in_streamed_ddl;
UPDATE u SET flag = TRUE;
