-- The converter for JDBC sinks with treat.real.as.double=false: float32.
-- config: database.include.list = jdbc_sink_data_types_single
-- config: converters = jdbc
-- config: jdbc.type = io.debezium.connector.mysql.converters.JdbcSinkDataTypesConverter
-- config: jdbc.selector.real = .*\.t\.(f|r|d)
-- config: jdbc.treat.real.as.double = false

-- before snapshot
CREATE DATABASE jdbc_sink_data_types_single;
USE jdbc_sink_data_types_single;
CREATE TABLE t (id INT PRIMARY KEY, f FLOAT DEFAULT 0.5, r REAL NOT NULL, d DOUBLE DEFAULT 1.25);
INSERT INTO t VALUES (1, 1.1, 1.1, 2.5), (2, NULL, 0, NULL);

-- stream
USE jdbc_sink_data_types_single;
UPDATE t SET f = 2.5, r = 3.25 WHERE id = 2;
ALTER TABLE t MODIFY r REAL NULL;
UPDATE t SET r = NULL WHERE id = 2;
DELETE FROM t WHERE id = 1;
