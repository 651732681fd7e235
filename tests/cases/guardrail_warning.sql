-- guardrail.collections.max with the default action: a warning.
-- config: database.include.list = guardrail_warning
-- config: guardrail.collections.max = 1

-- before snapshot
CREATE DATABASE guardrail_warning;
USE guardrail_warning;
CREATE TABLE a (id INT PRIMARY KEY);
CREATE TABLE b (id INT PRIMARY KEY);
INSERT INTO a VALUES (1);

-- stream
USE guardrail_warning;
INSERT INTO b VALUES (1);
CREATE TABLE c (id INT PRIMARY KEY);
INSERT INTO c VALUES (1);
