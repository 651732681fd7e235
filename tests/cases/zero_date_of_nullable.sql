-- The converter for dates with zeros and columns that may be null: nulls become the value of the user's, too. The first row of each
-- version of the table has nulls: Debezium takes its values for defaults where a column has none (findings/first-row-of-zero-dates.sh).
-- config: database.include.list = zero_date_of_nullable
-- config: converters = zeros
-- config: zeros.type = io.debezium.connector.binlog.converters.ZeroDateFallbackConverter
-- config: zeros.fallback.datetime = 1900-01-02 03:04:05
-- config: zeros.target.types = date, DATETIME

-- before snapshot
CREATE DATABASE zero_date_of_nullable;
USE zero_date_of_nullable;
SET sql_mode = 'NO_ENGINE_SUBSTITUTION';
CREATE TABLE t (id INT PRIMARY KEY, d DATE, at DATETIME, ts TIMESTAMP NULL, dated DATE DEFAULT '2024-01-01');
INSERT INTO t VALUES (1, NULL, NULL, NULL, NULL), (2, '2024-02-28', '2024-02-28 12:34:56', '2024-02-28 12:34:56', NULL), (3, '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00'), (4, NULL, NULL, NULL, '2024-02-29');

-- stream
USE zero_date_of_nullable;
SET sql_mode = 'NO_ENGINE_SUBSTITUTION';
INSERT INTO t VALUES (5, '2024-02-27', '2024-02-27 12:34:56', '2024-02-27 12:34:56', '2024-02-27');
UPDATE t SET d = NULL, at = NULL WHERE id = 5;
ALTER TABLE t ADD late DATE;
INSERT INTO t VALUES (6, NULL, NULL, NULL, NULL, NULL), (7, '2024-02-26', '2024-02-26 12:34:56', '2024-02-26 12:34:56', '2024-02-26', '2024-02-26');
DELETE FROM t WHERE id = 3;
