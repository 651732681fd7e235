-- database.initial.statements: statements of the user's own in every session of the connector, parted by single semicolons.
-- config: database.include.list = initial_statements
-- config: database.initial.statements = SET @text = 'a;;b'; INSERT IGNORE INTO initial_statements.t VALUES (9, @text)

-- before snapshot
CREATE DATABASE initial_statements;
USE initial_statements;
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10));
INSERT INTO t VALUES (1, 'one');
GRANT INSERT ON initial_statements.t TO rowmill;

-- stream
USE initial_statements;
INSERT INTO t VALUES (2, 'two');
