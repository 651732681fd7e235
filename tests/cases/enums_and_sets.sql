-- ENUM and SET: values, NULL, the empty and the invalid value, unicode, many members; the same rows in the snapshot and in the stream.
-- config: database.include.list = enums_and_sets
-- binlog_row_metadata: MINIMAL, FULL

-- before snapshot
CREATE DATABASE enums_and_sets;
USE enums_and_sets;
SET sql_mode = '';
CREATE TABLE choices (
  id INT PRIMARY KEY,
  e ENUM('small', 'large'), e_set ENUM('a', 'b', 'c') NOT NULL, e_default ENUM('x', 'y') NOT NULL DEFAULT 'y', e_unicode ENUM('é', '日本', '😀'),
  e_latin ENUM('ä', 'ö') CHARACTER SET latin1, e_blank ENUM('with blank', '', 'UPPER'),
  s SET('a', 'b', 'c'), s_set SET('x', 'y') NOT NULL, s_default SET('p', 'q', 'r') DEFAULT 'p,r', s_unicode SET('é', 'ü')
);
INSERT INTO choices VALUES
  (1, 'small', 'a', 'x', 'é', 'ä', 'with blank', 'a', 'x', 'p', 'é'),
  (2, 'large', 'c', 'y', '😀', 'ö', '', 'c,a', 'x,y', 'p,q,r', 'é,ü'),
  (3, NULL, 'b', 'x', NULL, NULL, NULL, NULL, '', NULL, NULL),
  (4, 'no such', 'no such', 'no such', '日本', 'no such', 'UPPER', '', 'no such', '', '');
CREATE TABLE many (
  id ENUM('first', 'second') PRIMARY KEY,
  s SET('m01','m02','m03','m04','m05','m06','m07','m08','m09','m10','m11','m12','m13','m14','m15','m16','m17','m18','m19','m20',
        'm21','m22','m23','m24','m25','m26','m27','m28','m29','m30','m31','m32','m33','m34','m35','m36','m37','m38','m39','m40',
        'm41','m42','m43','m44','m45','m46','m47','m48','m49','m50','m51','m52','m53','m54','m55','m56','m57','m58','m59','m60',
        'm61','m62','m63','m64')
);
INSERT INTO many VALUES ('first', 'm01,m64'), ('second', 'm33');

-- stream
USE enums_and_sets;
SET sql_mode = '';
UPDATE choices SET id = id + 10;
UPDATE many SET s = 'm32,m63' WHERE id = 'first';
