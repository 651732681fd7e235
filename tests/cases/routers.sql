-- Several tables in one topic, and rows of a snapshot as inserts; keys told apart, renamed and left; tables without keys; schema changes pass.
-- config: database.include.list = routers
-- config: schema.name.adjustment.mode = avro
-- config: predicates = other,gone
-- config: predicates.other.type = TopicNameMatches
-- config: predicates.other.pattern = .*\.other
-- config: predicates.gone.type = org.apache.kafka.connect.transforms.predicates.RecordIsTombstone
-- config: transforms = asinsert,orders,items,plain,keyless,dash,ahead,twice
-- config: transforms.asinsert.type = io.debezium.connector.mysql.transforms.ReadToInsertEvent
-- config: transforms.asinsert.predicate = other
-- config: transforms.asinsert.negate = true
-- config: transforms.orders.type = io.debezium.transforms.ByLogicalTableRouter
-- config: transforms.orders.topic.regex = (.*)orders_(.*)
-- config: transforms.orders.topic.replacement = $1orders
-- config: transforms.items.type = io.debezium.transforms.ByLogicalTableRouter
-- config: transforms.items.topic.regex = (?<base>.*items)_(.*)
-- config: transforms.items.topic.replacement = ${base}
-- config: transforms.items.key.field.name = shard
-- config: transforms.items.key.field.regex = .*items_(.)
-- config: transforms.items.key.field.replacement = shard $1
-- config: transforms.plain.type = io.debezium.transforms.ByLogicalTableRouter
-- config: transforms.plain.topic.regex = (.*)plain_(.*)
-- config: transforms.plain.topic.replacement = $1plain
-- config: transforms.plain.key.enforce.uniqueness = false
-- config: transforms.keyless.type = io.debezium.transforms.ByLogicalTableRouter
-- config: transforms.keyless.topic.regex = (.*)keyless_(.*)
-- config: transforms.keyless.topic.replacement = $1keyless
-- config: transforms.dash.type = io.debezium.transforms.ByLogicalTableRouter
-- config: transforms.dash.topic.regex = (.*)dash-(.*)
-- config: transforms.dash.topic.replacement = $1all-dashes
-- config: transforms.dash.schema.name.adjustment.mode = avro
-- config: transforms.ahead.type = org.apache.kafka.connect.transforms.RegexRouter
-- config: transforms.ahead.regex = (?!.*_tmp)(routers)\.routers\.(?=logs_)(?<name>\w++)
-- config: transforms.ahead.replacement = $1.ahead.${name}
-- config: transforms.twice.type = org.apache.kafka.connect.transforms.RegexRouter
-- config: transforms.twice.regex = (.*\.)(twice)_\2(?<!x)
-- config: transforms.twice.replacement = $1$2

-- before snapshot
CREATE DATABASE routers;
USE routers;
CREATE TABLE orders_1 (id INT PRIMARY KEY, name VARCHAR(20) DEFAULT 'x');
CREATE TABLE orders_2 LIKE orders_1;
CREATE TABLE items_a (a INT, b VARCHAR(9), v INT, PRIMARY KEY (b, a));
CREATE TABLE items_b LIKE items_a;
CREATE TABLE plain_1 LIKE orders_1;
CREATE TABLE plain_2 LIKE orders_1;
CREATE TABLE keyless_1 (a INT);
CREATE TABLE `dash-1` (id INT PRIMARY KEY);
CREATE TABLE other (id INT PRIMARY KEY);
CREATE TABLE logs_a (id INT PRIMARY KEY);
CREATE TABLE logs_tmp (id INT PRIMARY KEY);
CREATE TABLE twice_twice (id INT PRIMARY KEY);
CREATE TABLE twice_thrice (id INT PRIMARY KEY);
INSERT INTO orders_1 VALUES (1, 'one');
INSERT INTO orders_2 VALUES (1, NULL);
INSERT INTO items_a VALUES (1, 'b', 2);
INSERT INTO items_b VALUES (1, 'b', 3);
INSERT INTO plain_1 VALUES (1, 'one');
INSERT INTO plain_2 VALUES (2, 'two');
INSERT INTO keyless_1 VALUES (1);
INSERT INTO `dash-1` VALUES (1);
INSERT INTO other VALUES (1);

-- stream
USE routers;
UPDATE orders_1 SET id = 2;
INSERT INTO orders_2 VALUES (3, 'three');
ALTER TABLE orders_2 ADD n INT;
UPDATE orders_2 SET n = 1 WHERE id = 3;
DELETE FROM orders_1;
UPDATE items_a SET v = 4;
DELETE FROM items_b;
UPDATE plain_1 SET name = 'eins';
DELETE FROM plain_2;
UPDATE keyless_1 SET a = 2;
DELETE FROM keyless_1;
DELETE FROM `dash-1`;
DELETE FROM other;
INSERT INTO logs_a VALUES (1);
INSERT INTO logs_tmp VALUES (1);
INSERT INTO twice_twice VALUES (1), (2);
INSERT INTO twice_thrice VALUES (1);
