-- Years below 1000, which MySQL stores although it does not promise to, and the calendar reform of 1582.
-- config: database.include.list = early_dates

-- before snapshot
CREATE DATABASE early_dates;
USE early_dates;
SET sql_mode = '';
CREATE TABLE days (id INT PRIMARY KEY, d DATE, d_set DATE NOT NULL, dt DATETIME, dt6_set DATETIME(6) NOT NULL, y YEAR, y_set YEAR NOT NULL);
INSERT INTO days VALUES
  (1, '0001-01-01', '0001-01-01', '0001-01-01 01:02:03', '0001-01-01 01:02:03.5', 0, 0),
  (2, '0069-12-31', '0070-01-01', '0099-12-31 00:00:00', '0100-01-01', NULL, 1901),
  (3, '0999-12-31', '0999-12-31', '0999-12-31 00:00:00', '0999-12-31', 1901, 0),
  (4, '1582-10-04', '1582-10-15', '1582-10-10 00:00:00', '1582-10-10', 1, 99);

-- stream
USE early_dates;
SET sql_mode = '';
UPDATE days SET id = id + 10;
