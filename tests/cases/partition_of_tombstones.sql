-- PartitionRouting with the tombstones that ExtractNewRecordState makes of deletes behind it: they are in the partition of the row. Keys are JSON,
-- so that their own partitions do not depend on the ids of schemas.
-- config: database.include.list = partition_of_tombstones
-- config: topic.creation.default.partitions = 5
-- config: key.converter = org.apache.kafka.connect.json.JsonConverter
-- config: key.converter.schemas.enable = false
-- config: transforms = route,unwrap
-- config: transforms.route.type = io.debezium.transforms.partitions.PartitionRouting
-- config: transforms.route.partition.payload.fields = change.region
-- config: transforms.route.partition.topic.num = 5
-- config: transforms.unwrap.type = ExtractNewRecordState
-- config: transforms.unwrap.delete.tombstone.handling.mode = delete-to-tombstone

-- before snapshot
CREATE DATABASE partition_of_tombstones;
USE partition_of_tombstones;
CREATE TABLE orders (id INT PRIMARY KEY, region VARCHAR(20), name VARCHAR(20));
INSERT INTO orders VALUES (1, 'north', 'a'), (2, 'south', 'b');

-- stream
USE partition_of_tombstones;
INSERT INTO orders VALUES (3, 'east', 'c'), (4, 'west', 'd'), (5, 'north', 'e');
UPDATE orders SET name = 'x' WHERE id < 4;
DELETE FROM orders;
