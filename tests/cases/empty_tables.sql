-- Which rows are the snapshot's first and last when the first, a middle and the last table are empty; a table of one row; a view.
-- config: database.include.list = empty_tables

-- before snapshot
CREATE DATABASE empty_tables;
USE empty_tables;
CREATE TABLE a_empty (id INT PRIMARY KEY);
CREATE TABLE b_one (id INT PRIMARY KEY);
CREATE TABLE c_empty (id INT PRIMARY KEY);
CREATE TABLE d_three (id INT PRIMARY KEY);
CREATE TABLE e_empty (id INT PRIMARY KEY);
CREATE VIEW f_view AS SELECT * FROM b_one;
INSERT INTO b_one VALUES (1);
INSERT INTO d_three VALUES (1), (2), (3);

-- stream
USE empty_tables;
INSERT INTO a_empty VALUES (1);
INSERT INTO e_empty VALUES (1);
