-- Apicurio's JSON converter, as a user has it.
-- config: database.include.list = apicurio_json
-- config: key.converter = io.apicurio.registry.utils.converter.ExtJsonConverter
-- config: key.converter.apicurio.registry.url = /apis/registry/v2
-- config: key.converter.apicurio.registry.auto-register = true
-- config: key.converter.apicurio.registry.find-latest = true
-- config: value.converter = io.apicurio.registry.utils.converter.ExtJsonConverter
-- config: value.converter.apicurio.registry.url = /apis/registry/v2
-- config: value.converter.apicurio.registry.auto-register = true
-- config: value.converter.apicurio.registry.find-latest = true

-- before snapshot
CREATE DATABASE apicurio_json;
USE apicurio_json;
CREATE TABLE t (
  id INT PRIMARY KEY, tiny TINYINT, small SMALLINT DEFAULT 3, big BIGINT NOT NULL DEFAULT 4, amount DECIMAL(8,2) DEFAULT 1.25, wide DECIMAL(40,0), f FLOAT, d DOUBLE DEFAULT 0.5,
  name VARCHAR(20) NOT NULL DEFAULT 'n', `a-b` VARCHAR(9), e ENUM('a', 'b'), s SET('x', 'y'), j JSON, bin VARBINARY(5), b BIT(9), flag BIT(1) DEFAULT 1,
  day DATE, tm TIME(3), at DATETIME(6) DEFAULT '2020-01-01 00:00:00', ts TIMESTAMP NULL, y YEAR
);
INSERT INTO t VALUES (1, 1, 1, 1, -12.34, 12345678901234567890123456789012345678, 0.5, 1e100, 'é', '"', 'a', 'x,y', '{"k": [1, null]}', 0x00FF, 257, 0,
  '2024-02-29', '12:34:56.789', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56', 2024);
INSERT INTO t (id, big) VALUES (2, 2);
CREATE TABLE keyless (v INT);
INSERT INTO keyless VALUES (1), (NULL);
CREATE TABLE two (a INT, b VARCHAR(5), v INT, PRIMARY KEY (a, b));
INSERT INTO two VALUES (1, 'x', 1);

-- stream
USE apicurio_json;
INSERT INTO t (id, big, small, name) VALUES (3, 3, NULL, '');
UPDATE t SET amount = NULL, small = NULL WHERE id = 2;
UPDATE t SET id = 10 WHERE id = 1;
DELETE FROM t WHERE id = 2;
ALTER TABLE t ADD n SMALLINT DEFAULT 5, DROP COLUMN wide;
UPDATE t SET n = NULL WHERE id = 3;
DELETE FROM t WHERE id = 3;
UPDATE two SET b = 'y';
DELETE FROM keyless WHERE v = 1;
CREATE TABLE later (id INT PRIMARY KEY, at TIMESTAMP(6) NULL);
INSERT INTO later VALUES (1, NULL);
