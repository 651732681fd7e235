-- guardrail.collections.max with guardrail.collections.limit.action=fail: the task stops before it reads.
-- config: database.include.list = guardrail
-- config: guardrail.collections.max = 1
-- config: guardrail.collections.limit.action = fail

-- before snapshot
CREATE DATABASE guardrail;
USE guardrail;
CREATE TABLE a (id INT PRIMARY KEY);
CREATE TABLE b (id INT PRIMARY KEY);
INSERT INTO a VALUES (1);
