-- Names with odd characters in databases, tables and columns, adjusted for Avro.
-- config: database.include.list = odd-names_adjusted
-- config: schema.name.adjustment.mode = avro
-- config: field.name.adjustment.mode = avro
-- binlog_row_metadata: MINIMAL, FULL

-- before snapshot
CREATE DATABASE `odd-names_adjusted`;
USE `odd-names_adjusted`;
CREATE TABLE `t-1 ü` (`1st` INT PRIMARY KEY, `a-b` INT, `with blank` VARCHAR(5), `Ünïcode` INT, `tick``ed` INT, `MixedCase` INT, `dot.ted` INT, `$dollar` INT, `select` INT);
INSERT INTO `t-1 ü` VALUES (1, 2, 'three', 4, 5, 6, 7, 8, 9);
CREATE TABLE UPPER (Id INT PRIMARY KEY, iD2 INT);
INSERT INTO UPPER VALUES (1, 1);

-- stream
USE `odd-names_adjusted`;
UPDATE `t-1 ü` SET `a-b` = 3;
UPDATE `t-1 ü` SET `1st` = 2;
ALTER TABLE `t-1 ü` ADD `new-col` INT AFTER `a-b`, RENAME COLUMN `select` TO `from`;
INSERT INTO `t-1 ü` (`1st`, `new-col`, `from`) VALUES (7, 8, 9);
INSERT INTO UPPER VALUES (2, 2);
CREATE TABLE `weird;--name` (id INT PRIMARY KEY COMMENT 'it''s; -- "quoted"');
INSERT INTO `weird;--name` VALUES (1);
