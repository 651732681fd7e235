-- Dates and times in microseconds: values, keys and their changes, NULL, defaults, values without room, and after DDL.
-- config: database.include.list = value_modes_micros
-- config: time.precision.mode = microseconds

-- before snapshot
CREATE DATABASE value_modes_micros;
USE value_modes_micros;
CREATE TABLE times (
  day DATE, at DATETIME(3), clock TIME(2),
  d DATE, d_set DATE NOT NULL DEFAULT '2020-01-02', t TIME DEFAULT '10:20:30', t6 TIME(6) NOT NULL DEFAULT '24:00:00', far TIME DEFAULT '30:00:00',
  dt DATETIME DEFAULT '2018-01-03 00:00:10', dt3 DATETIME(3), dt6 DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), ts TIMESTAMP NULL, ts6 TIMESTAMP(6) NULL, y YEAR,
  PRIMARY KEY (day, at, clock)
);
SET timestamp = 1700000000.123456;
INSERT INTO times VALUES
  ('1970-01-01', '1970-01-01 00:00:00', '00:00:00', '1970-01-01', DEFAULT, '00:00:00', '00:00:00', '00:00:00', '1970-01-01 00:00:00', '1970-01-01 00:00:00', DEFAULT, '1970-01-01 00:00:01', '1970-01-01 00:00:01', 1970),
  ('2024-02-29', '2024-02-29 01:02:03.12', '23:59:59.99', '2024-02-29', '1000-01-01', '01:02:03', '23:59:59.999999', '24:00:00', '2024-02-29 01:02:03', '2024-02-29 01:02:03.120', '2024-02-29 01:02:03.000456', '2024-02-29 01:02:03', '2024-02-29 01:02:03.120000', 2155),
  ('1969-12-31', '1969-12-31 23:59:59.999', '12:00', '9999-12-31', '0069-07-01', '25:00:00', DEFAULT, '-00:00:01', '9999-12-31 23:59:59', '1000-01-01 00:00:00', '1969-12-31 23:59:59.999999', NULL, NULL, NULL),
  ('1600-06-15', '2242-04-11 23:47:16.855', '00:00:00.01', NULL, DEFAULT, NULL, DEFAULT, '838:59:59', NULL, NULL, DEFAULT, NULL, NULL, 1901);

-- stream
USE value_modes_micros;
UPDATE times SET clock = '00:00:01', t = IF(t IS NULL, '11:00:00', NULL);
UPDATE times SET day = day + INTERVAL 1 YEAR, at = at + INTERVAL 1 YEAR;
DELETE FROM times WHERE d IS NULL;
ALTER TABLE times ADD COLUMN late TIME(3) NOT NULL DEFAULT '01:02:03.45', MODIFY dt DATETIME(5) NULL DEFAULT NULL;
UPDATE times SET late = '10:00', dt = '2024-02-29 01:02:03.12345' LIMIT 2;
