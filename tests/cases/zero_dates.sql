-- Zero and partly-zero dates, which are no dates: with and without NULL, with and without a default.
-- config: database.include.list = zero_dates

-- before snapshot
CREATE DATABASE zero_dates;
USE zero_dates;
SET sql_mode = 'ALLOW_INVALID_DATES';
CREATE TABLE zeros (
  id INT PRIMARY KEY,
  d DATE, d_set DATE NOT NULL, d_default DATE NOT NULL DEFAULT '2000-01-01', d_zero DATE NOT NULL DEFAULT '0000-00-00', d_null_default DATE DEFAULT '2000-01-01',
  dt DATETIME, dt_set DATETIME NOT NULL, dt6 DATETIME(6), dt6_default DATETIME(6) NOT NULL DEFAULT '2000-01-01 01:02:03.5', dt_zero DATETIME DEFAULT '0000-00-00 00:00:00',
  ts TIMESTAMP NULL, ts_set TIMESTAMP NOT NULL, ts_default TIMESTAMP NOT NULL DEFAULT '2000-01-01 00:00:00', ts_zero TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00', ts3 TIMESTAMP(3) NOT NULL
);
INSERT INTO zeros VALUES
  (1, '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00',
   '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00'),
  (2, '2024-00-00', '2024-00-00', '2024-05-00', '2024-05-00', '2024-00-05', '2024-00-00 01:02:03', '2024-05-00 01:02:03', '2024-00-05', '2024-00-00', '2024-05-00', NULL, '2001-01-01', '2001-01-01', '2001-01-01', '2001-01-01'),
  (3, NULL, '2024-05-06', '2024-05-06', '2024-05-06', NULL, NULL, '2024-05-06', NULL, '2024-05-06', NULL, NULL, '2001-01-01', '2001-01-01', '2001-01-01', '2001-01-01');

-- stream
USE zero_dates;
SET sql_mode = 'ALLOW_INVALID_DATES';
UPDATE zeros SET id = id + 10;
