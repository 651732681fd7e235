-- What a snapshot reads: chosen tables, by statements of one's own; all of them are streamed.
-- config: database.include.list = a_reads
-- config: snapshot.include.collection.list = a_reads\.(some|A_ll|part|reordered)
-- config: snapshot.select.statement.overrides = a_reads.some, a_reads.part,a_reads.reordered
-- config: snapshot.select.statement.overrides.a_reads.some = SELECT * FROM a_reads.some WHERE id > 2 ORDER BY id
-- config: snapshot.select.statement.overrides.a_reads.part = SELECT id, v, d FROM a_reads.part
-- config: snapshot.select.statement.overrides.a_reads.reordered = SELECT UPPER(r.v) AS v, r.n, r.id FROM a_reads.reordered r JOIN a_reads.some s ON s.id = r.id ORDER BY r.id;

-- before snapshot
CREATE DATABASE a_reads;
USE a_reads;
CREATE TABLE a_ll (id INT PRIMARY KEY);
INSERT INTO a_ll VALUES (1), (2);
CREATE TABLE part (id INT PRIMARY KEY, left_out VARCHAR(10), v VARCHAR(10), d INT DEFAULT 5);
INSERT INTO part VALUES (1, 'left', 'one', 1), (2, 'out', 'two', 2);
CREATE TABLE reordered (id INT PRIMARY KEY, n DECIMAL(6, 2), v VARCHAR(10));
INSERT INTO reordered VALUES (1, 1.5, 'one'), (3, 3.25, 'three'), (9, 9, 'nine');
CREATE TABLE some (id INT PRIMARY KEY, v VARCHAR(10));
INSERT INTO some VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four');
CREATE TABLE streamed (id INT PRIMARY KEY);
INSERT INTO streamed VALUES (1);

-- stream
USE a_reads;
UPDATE some SET v = UPPER(v);
INSERT INTO streamed VALUES (2);
UPDATE part SET v = UPPER(v);
