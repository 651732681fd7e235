-- Debezium's converter for JDBC sinks: booleans as numbers, FLOAT and REAL as float64, texts with their character set; in keys too, with nulls,
-- defaults and after DDL.
-- config: database.include.list = jdbc_sink_data_types
-- config: converters = jdbc
-- config: jdbc.type = io.debezium.connector.binlog.converters.JdbcSinkDataTypesConverter
-- config: jdbc.selector.boolean = .*\.t\.(is_.*|id_flag)
-- config: jdbc.selector.real = .*\.t\.(f.*|r.*|d.*)
-- config: jdbc.selector.string = .*\.t\.(name|c|long_text|late)

-- before snapshot
CREATE DATABASE jdbc_sink_data_types;
USE jdbc_sink_data_types;
CREATE TABLE t (
  id INT, id_flag TINYINT(1), name VARCHAR(20),
  is_set TINYINT(1), is_required BOOLEAN NOT NULL DEFAULT TRUE, is_small TINYINT DEFAULT 5, is_negative TINYINT(1) DEFAULT -1,
  f FLOAT DEFAULT 0.5, f_required FLOAT NOT NULL, r REAL, d DOUBLE DEFAULT 1.25, f_scale FLOAT(7,3),
  c CHAR(5) CHARACTER SET ascii DEFAULT 'c', long_text TEXT, other VARCHAR(5),
  PRIMARY KEY (id, id_flag, name)
);
INSERT INTO t VALUES (1, 1, 'ä', 1, 0, 2, -1, 0.5, 1.1, 1.1, 1e300, 1.5, 'x', 'long', 'o'),
  (2, 0, '', NULL, DEFAULT, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL);

-- stream
USE jdbc_sink_data_types;
UPDATE t SET is_set = 0, f = 1.1, f_scale = 1.1 WHERE id = 1;
UPDATE t SET id_flag = 2 WHERE id = 2;
UPDATE t SET is_set = -1, is_required = 2, is_small = 127 WHERE id = 2;
ALTER TABLE t ADD is_late BOOL DEFAULT TRUE, ADD r_late REAL, ADD late VARCHAR(5) NOT NULL DEFAULT 'l';
UPDATE t SET is_late = NULL, r_late = 2.5 WHERE id = 2;
DELETE FROM t WHERE id = 1;
