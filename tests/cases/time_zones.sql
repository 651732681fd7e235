-- TimezoneConverter with its rules, each on its table: instants around changes of clocks, nulls, defaults, deletes, a new column.
-- config: database.include.list = time_zones
-- config: predicates = all,offset,some,topic,but,left,other
-- config: predicates.all.type = TopicNameMatches
-- config: predicates.all.pattern = .*\.all
-- config: predicates.offset.type = TopicNameMatches
-- config: predicates.offset.pattern = .*\.offset
-- config: predicates.some.type = TopicNameMatches
-- config: predicates.some.pattern = .*\.some
-- config: predicates.topic.type = TopicNameMatches
-- config: predicates.topic.pattern = .*\.topic
-- config: predicates.but.type = TopicNameMatches
-- config: predicates.but.pattern = .*\.but
-- config: predicates.left.type = TopicNameMatches
-- config: predicates.left.pattern = .*\.left
-- config: predicates.other.type = TopicNameMatches
-- config: predicates.other.pattern = .*\.other
-- config: transforms = all,offset,some,topic,but,left,other
-- config: transforms.all.type = io.debezium.transforms.TimezoneConverter
-- config: transforms.all.predicate = all
-- config: transforms.all.converted.timezone = Europe/Berlin
-- config: transforms.offset.type = io.debezium.transforms.TimezoneConverter
-- config: transforms.offset.predicate = offset
-- config: transforms.offset.converted.timezone = -05:30
-- config: transforms.offset.include.list = source:offset
-- config: transforms.some.type = io.debezium.transforms.TimezoneConverter
-- config: transforms.some.predicate = some
-- config: transforms.some.converted.timezone = America/New_York
-- config: transforms.some.include.list = source:some:at,some:before.z
-- config: transforms.topic.type = io.debezium.transforms.TimezoneConverter
-- config: transforms.topic.predicate = topic
-- config: transforms.topic.converted.timezone = Asia/Tokyo
-- config: transforms.topic.include.list = topic:time_zones.time_zones.topic:z, topic:nothing
-- config: transforms.but.type = io.debezium.transforms.TimezoneConverter
-- config: transforms.but.predicate = but
-- config: transforms.but.converted.timezone = Australia/Sydney
-- config: transforms.but.exclude.list = source:but:at,but:source.db
-- config: transforms.left.type = io.debezium.transforms.TimezoneConverter
-- config: transforms.left.predicate = left
-- config: transforms.left.converted.timezone = Asia/Kolkata
-- config: transforms.left.exclude.list = source:left
-- config: transforms.other.type = io.debezium.transforms.TimezoneConverter
-- config: transforms.other.predicate = other
-- config: transforms.other.converted.timezone = UTC
-- config: transforms.other.exclude.list = source:nothing

-- before snapshot
CREATE DATABASE time_zones;
USE time_zones;
SET time_zone = '+00:00';
CREATE TABLE `all` (id INT PRIMARY KEY, at DATETIME(6) DEFAULT '2024-07-01 00:00:00.5', s DATETIME(3), z TIMESTAMP(6) NULL DEFAULT '2024-07-01 00:00:00', zs TIMESTAMP NULL, d DATE, t TIME(3), n INT);
CREATE TABLE `offset` LIKE `all`;
CREATE TABLE `some` LIKE `all`;
CREATE TABLE `topic` LIKE `all`;
CREATE TABLE `but` LIKE `all`;
CREATE TABLE `left` LIKE `all`;
CREATE TABLE `other` LIKE `all`;
INSERT INTO `all` VALUES (1, '2024-03-31 02:30:00.123456', '2024-10-27 02:30:00.120', '2024-03-31 01:30:00.120000', '2024-10-27 00:30:00', '2024-03-31', '01:02:03', 1), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (3, '1000-01-01 00:00:00.000001', '9999-12-31 23:59:59.999', '1970-01-01 00:00:01', '2038-01-19 03:14:07', '1000-01-01', '-01:00:00', 0);
INSERT INTO `offset` SELECT * FROM `all`;
INSERT INTO `some` SELECT * FROM `all`;
INSERT INTO `topic` SELECT * FROM `all`;
INSERT INTO `but` SELECT * FROM `all`;
INSERT INTO `left` SELECT * FROM `all`;
INSERT INTO `other` SELECT * FROM `all`;

-- stream
USE time_zones;
SET time_zone = '+00:00';
UPDATE `all` SET at = '1969-12-31 23:59:59.999999', zs = '2024-11-03 06:30:00' WHERE id = 1;
UPDATE `all` SET id = 4 WHERE id = 1;
INSERT INTO `all` (id) VALUES (5);
UPDATE `offset` SET at = '1969-12-31 23:59:59.999999', zs = '2024-11-03 06:30:00' WHERE id = 1;
UPDATE `offset` SET id = 4 WHERE id = 1;
INSERT INTO `offset` (id) VALUES (5);
UPDATE `some` SET at = '1969-12-31 23:59:59.999999', zs = '2024-11-03 06:30:00' WHERE id = 1;
UPDATE `some` SET id = 4 WHERE id = 1;
INSERT INTO `some` (id) VALUES (5);
UPDATE `topic` SET at = '1969-12-31 23:59:59.999999', zs = '2024-11-03 06:30:00' WHERE id = 1;
UPDATE `topic` SET id = 4 WHERE id = 1;
INSERT INTO `topic` (id) VALUES (5);
UPDATE `but` SET at = '1969-12-31 23:59:59.999999', zs = '2024-11-03 06:30:00' WHERE id = 1;
UPDATE `but` SET id = 4 WHERE id = 1;
INSERT INTO `but` (id) VALUES (5);
UPDATE `left` SET at = '1969-12-31 23:59:59.999999', zs = '2024-11-03 06:30:00' WHERE id = 1;
UPDATE `left` SET id = 4 WHERE id = 1;
INSERT INTO `left` (id) VALUES (5);
UPDATE `other` SET at = '1969-12-31 23:59:59.999999', zs = '2024-11-03 06:30:00' WHERE id = 1;
UPDATE `other` SET id = 4 WHERE id = 1;
INSERT INTO `other` (id) VALUES (5);
ALTER TABLE `all` ADD more DATETIME NOT NULL DEFAULT '2000-01-01 12:00:00';
INSERT INTO `all` (id) VALUES (6);
DELETE FROM `all` WHERE id = 4;
DELETE FROM `offset` WHERE id = 4;
DELETE FROM `some` WHERE id = 4;
DELETE FROM `topic` WHERE id = 4;
DELETE FROM `but` WHERE id = 4;
DELETE FROM `left` WHERE id = 4;
DELETE FROM `other` WHERE id = 4;
