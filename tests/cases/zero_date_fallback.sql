-- Debezium's converter for dates with zeros: null, or a value of the user's, by type and by column; with nulls, defaults, keys and after DDL.
-- config: database.include.list = zero_date_fallback
-- config: converters = zeros
-- config: zeros.type = io.debezium.connector.binlog.converters.ZeroDateFallbackConverter
-- config: zeros.selector = .*\.(nulls|chosen)\..*
-- config: zeros.fallback.date = 0001-01-01
-- config: zeros.fallback.datetime = 1900-01-02 03:04:05
-- config: zeros.fallback.timestamp = 1980-01-01T09:00:00+09:00
-- config: zeros.column.zero_date_fallback.nulls.d.fallback = NULL
-- config: zeros.column.zero_date_fallback.nulls.at.fallback = NULL
-- config: zeros.column.zero_date_fallback.nulls.ts.fallback = null
-- config: zeros.column.zero_date_fallback.nulls.fine.fallback = NULL
-- config: zeros.column.zero_date_fallback.chosen.own.fallback = 2000-02-29

-- before snapshot
CREATE DATABASE zero_date_fallback;
USE zero_date_fallback;
SET sql_mode = 'NO_ENGINE_SUBSTITUTION';
CREATE TABLE nulls (id INT PRIMARY KEY, d DATE NOT NULL, at DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00', ts TIMESTAMP(3) NOT NULL DEFAULT '0000-00-00 00:00:00', fine DATETIME(6) NOT NULL);
INSERT INTO nulls VALUES (1, '2024-02-29', '2024-02-29 12:34:56', '2024-02-29 12:34:56.780', '2024-02-29 12:34:56.123456'), (2, '0000-00-00', '0000-00-00', '0000-00-00', '2024-00-00');
CREATE TABLE chosen (id INT, day DATE NOT NULL, d DATE NOT NULL DEFAULT '2024-01-01', at DATETIME(3) NOT NULL, ts TIMESTAMP NOT NULL DEFAULT '2024-01-01 00:00:00', own DATE NOT NULL, PRIMARY KEY (id, day));
INSERT INTO chosen VALUES (1, '2024-02-29', '2024-02-29', '2024-02-29 12:34:56.789', '2024-02-29 12:34:56', '2024-02-29'), (2, '0000-00-00', '2024-02-00', '0000-00-00', '0000-00-00', '0000-00-00');
CREATE TABLE others (id INT PRIMARY KEY, d DATE NOT NULL);
INSERT INTO others VALUES (1, '0000-00-00');

-- stream
USE zero_date_fallback;
SET sql_mode = 'NO_ENGINE_SUBSTITUTION';
UPDATE nulls SET d = '0000-00-00', ts = '2024-02-29 12:34:56.700', fine = '2024-02-29 12:34:56.100000' WHERE id = 1;
UPDATE nulls SET d = '1970-01-01', at = '1970-01-01', ts = '1970-01-02', fine = '1970-01-01' WHERE id = 2;
UPDATE chosen SET day = '0000-00-00' WHERE id = 1;
UPDATE chosen SET d = '0000-00-00', at = '1999-12-31 23:59:59.5', own = '0000-01-01' WHERE id = 1;
ALTER TABLE nulls MODIFY at DATETIME NOT NULL DEFAULT '2024-01-01 00:00:00', ADD late DATE NOT NULL DEFAULT '2024-03-01';
INSERT INTO nulls (id, d, ts, fine) VALUES (3, '2024-02-30', '0000-00-00', '0000-00-00');
DELETE FROM chosen WHERE id = 2;
