-- database.initial.statements: settings of the sessions that read. The second one holds a semicolon.
-- config: database.include.list = initial_statements
-- config: database.initial.statements = SET SESSION optimizer_switch = 'mrr=off'; SET @text = 'a;;b'; SET SESSION group_concat_max_len = 4
-- config: snapshot.select.statement.overrides = initial_statements.t
-- config: snapshot.select.statement.overrides.initial_statements.t = SELECT id, CONCAT(@text, (SELECT GROUP_CONCAT(v) FROM initial_statements.t)) AS v FROM initial_statements.t ORDER BY id

-- before snapshot
CREATE DATABASE initial_statements;
USE initial_statements;
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20));
INSERT INTO t VALUES (1, 'one'), (2, 'two');

-- stream
USE initial_statements;
INSERT INTO t VALUES (3, 'three'), (4, NULL);
ALTER TABLE t ADD n INT DEFAULT 5;
UPDATE t SET id = 5 WHERE id = 1;
DELETE FROM t WHERE id = 2;
