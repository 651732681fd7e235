-- Names adjusted by avro_unicode.
-- config: database.include.list = odd_names_unicode
-- config: schema.name.adjustment.mode = avro_unicode
-- config: field.name.adjustment.mode = avro_unicode

-- before snapshot
CREATE DATABASE odd_names_unicode;
USE odd_names_unicode;
CREATE TABLE `t-1` (`a_b` INT PRIMARY KEY, `a-b` INT, `é` INT);
INSERT INTO `t-1` VALUES (1, 2, 3);

-- stream
USE odd_names_unicode;
UPDATE `t-1` SET `a-b` = 3;
