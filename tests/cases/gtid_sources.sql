-- gtid.source.excludes: transactions of an unwanted server are left out, but for its definitions.
-- config: database.include.list = gtid_sources
-- config: gtid.source.excludes = AAAAAAAA-.*
-- config: provide.transaction.metadata = true

-- before snapshot
CREATE DATABASE gtid_sources;
USE gtid_sources;
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10));
INSERT INTO t VALUES (1, 'one');

-- stream
USE gtid_sources;
INSERT INTO t VALUES (2, 'two');
SET gtid_next = 'aaaaaaaa-0000-0000-0000-000000000001:1';
INSERT INTO t VALUES (3, 'left out');
SET gtid_next = 'bbbbbbbb-0000-0000-0000-000000000001:7';
INSERT INTO t VALUES (4, 'four');
SET gtid_next = 'aaaaaaaa-0000-0000-0000-000000000001:2';
ALTER TABLE t ADD w INT;
SET gtid_next = 'AUTOMATIC';
UPDATE t SET w = id WHERE id = 3;
