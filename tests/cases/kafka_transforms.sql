-- Kafka Connect's own transforms on unwrapped rows, each on its table: before and after a change, a change of the key, a delete.
-- config: database.include.list = kafka_transforms
-- config: predicates = ins,insk,repl,incl,replk,mask,fill,ext,extv,hoist,hoistk,vtk,meta,hdr,filt,gone
-- config: predicates.ins.type = TopicNameMatches
-- config: predicates.ins.pattern = .*\.ins
-- config: predicates.insk.type = TopicNameMatches
-- config: predicates.insk.pattern = .*\.insk
-- config: predicates.repl.type = TopicNameMatches
-- config: predicates.repl.pattern = .*\.repl
-- config: predicates.incl.type = TopicNameMatches
-- config: predicates.incl.pattern = .*\.incl
-- config: predicates.replk.type = TopicNameMatches
-- config: predicates.replk.pattern = .*\.replk
-- config: predicates.mask.type = TopicNameMatches
-- config: predicates.mask.pattern = .*\.mask
-- config: predicates.fill.type = TopicNameMatches
-- config: predicates.fill.pattern = .*\.fill
-- config: predicates.ext.type = TopicNameMatches
-- config: predicates.ext.pattern = .*\.ext
-- config: predicates.extv.type = TopicNameMatches
-- config: predicates.extv.pattern = .*\.extv
-- config: predicates.hoist.type = TopicNameMatches
-- config: predicates.hoist.pattern = .*\.hoist
-- config: predicates.hoistk.type = TopicNameMatches
-- config: predicates.hoistk.pattern = .*\.hoistk
-- config: predicates.vtk.type = TopicNameMatches
-- config: predicates.vtk.pattern = .*\.vtk
-- config: predicates.meta.type = TopicNameMatches
-- config: predicates.meta.pattern = .*\.meta
-- config: predicates.hdr.type = TopicNameMatches
-- config: predicates.hdr.pattern = .*\.hdr
-- config: predicates.filt.type = TopicNameMatches
-- config: predicates.filt.pattern = .*\.filt
-- config: predicates.gone.type = org.apache.kafka.connect.transforms.predicates.RecordIsTombstone
-- config: transforms = unwrap,ins,insk,repl,incl,replk,ext,extv,hoistk,nogone,mask,fill,hoist,vtk,meta,hdr1,hdr2,hdr3,filt,route
-- config: transforms.unwrap.type = ExtractNewRecordState
-- config: transforms.unwrap.delete.tombstone.handling.mode = delete-to-tombstone
-- config: transforms.ins.type = org.apache.kafka.connect.transforms.InsertField$Value
-- config: transforms.ins.predicate = ins
-- config: transforms.ins.topic.field = topic!
-- config: transforms.ins.partition.field = part
-- config: transforms.ins.timestamp.field = ts?
-- config: transforms.ins.static.field = origin
-- config: transforms.ins.static.value = here
-- config: transforms.insk.type = org.apache.kafka.connect.transforms.InsertField$Key
-- config: transforms.insk.predicate = insk
-- config: transforms.insk.static.field = origin!
-- config: transforms.insk.static.value = here
-- config: transforms.insk.topic.field = topic
-- config: transforms.repl.type = org.apache.kafka.connect.transforms.ReplaceField$Value
-- config: transforms.repl.predicate = repl
-- config: transforms.repl.exclude = f, d,nothing
-- config: transforms.repl.renames = name:title,n:number
-- config: transforms.repl.replace.null.with.default = false
-- config: transforms.incl.type = org.apache.kafka.connect.transforms.ReplaceField$Value
-- config: transforms.incl.predicate = incl
-- config: transforms.incl.include = id,price,f
-- config: transforms.incl.exclude = f
-- config: transforms.replk.type = org.apache.kafka.connect.transforms.ReplaceField$Key
-- config: transforms.replk.predicate = replk
-- config: transforms.replk.renames = id:identity
-- config: transforms.mask.type = org.apache.kafka.connect.transforms.MaskField$Value
-- config: transforms.mask.predicate = mask
-- config: transforms.mask.fields = name,n,big,f,d,small
-- config: transforms.fill.type = org.apache.kafka.connect.transforms.MaskField$Value
-- config: transforms.fill.predicate = fill
-- config: transforms.fill.fields = name,n,small,d
-- config: transforms.fill.replacement = 42
-- config: transforms.fill.replace.null.with.default = false
-- config: transforms.ext.type = org.apache.kafka.connect.transforms.ExtractField$Key
-- config: transforms.ext.predicate = ext
-- config: transforms.ext.field = id
-- config: transforms.extv.type = org.apache.kafka.connect.transforms.ExtractField$Value
-- config: transforms.extv.predicate = extv
-- config: transforms.extv.field = name
-- config: transforms.hoistk.type = org.apache.kafka.connect.transforms.HoistField$Key
-- config: transforms.hoistk.predicate = hoistk
-- config: transforms.hoistk.field = key
-- config: transforms.nogone.type = org.apache.kafka.connect.transforms.Filter
-- config: transforms.nogone.predicate = gone
-- config: transforms.hoist.type = org.apache.kafka.connect.transforms.HoistField$Value
-- config: transforms.hoist.predicate = hoist
-- config: transforms.hoist.field = row
-- config: transforms.vtk.type = org.apache.kafka.connect.transforms.ValueToKey
-- config: transforms.vtk.predicate = vtk
-- config: transforms.vtk.fields = name,n
-- config: transforms.meta.type = org.apache.kafka.connect.transforms.SetSchemaMetadata$Value
-- config: transforms.meta.predicate = meta
-- config: transforms.meta.schema.name = some.Thing
-- config: transforms.meta.schema.version = 3
-- config: transforms.hdr1.type = org.apache.kafka.connect.transforms.InsertHeader
-- config: transforms.hdr1.predicate = hdr
-- config: transforms.hdr1.header = where
-- config: transforms.hdr1.value.literal = eu-west-1
-- config: transforms.hdr2.type = org.apache.kafka.connect.transforms.InsertHeader
-- config: transforms.hdr2.predicate = hdr
-- config: transforms.hdr2.header = number
-- config: transforms.hdr2.value.literal = -12
-- config: transforms.hdr3.type = org.apache.kafka.connect.transforms.DropHeaders
-- config: transforms.hdr3.predicate = hdr
-- config: transforms.hdr3.headers = __debezium.context.taskId,__debezium.oldkey
-- config: transforms.filt.type = org.apache.kafka.connect.transforms.Filter
-- config: transforms.filt.predicate = filt
-- config: transforms.route.type = org.apache.kafka.connect.transforms.RegexRouter
-- config: transforms.route.regex = kafka_transforms\.(kafka_transforms)\.(m|h)(.*)
-- config: transforms.route.replacement = $1.$2_$3

-- before snapshot
CREATE DATABASE kafka_transforms;
USE kafka_transforms;
CREATE TABLE ins (id INT PRIMARY KEY, name VARCHAR(20), n INT DEFAULT 5, big BIGINT, f FLOAT, d DOUBLE, at DATETIME(3), price DECIMAL(6,2) DEFAULT 1.25, small SMALLINT);
CREATE TABLE insk LIKE ins;
CREATE TABLE repl LIKE ins;
CREATE TABLE incl LIKE ins;
CREATE TABLE replk LIKE ins;
CREATE TABLE mask LIKE ins;
CREATE TABLE fill LIKE ins;
CREATE TABLE ext LIKE ins;
CREATE TABLE extv LIKE ins;
CREATE TABLE hoist LIKE ins;
CREATE TABLE hoistk LIKE ins;
CREATE TABLE vtk LIKE ins;
CREATE TABLE meta LIKE ins;
CREATE TABLE hdr LIKE ins;
CREATE TABLE filt LIKE ins;
INSERT INTO ins VALUES (1, 'one', 1, 10, 1.5, 2.5, '2024-02-29 12:34:56.789', 12.5, 3), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO insk SELECT * FROM ins;
INSERT INTO repl SELECT * FROM ins;
INSERT INTO incl SELECT * FROM ins;
INSERT INTO replk SELECT * FROM ins;
INSERT INTO mask SELECT * FROM ins;
INSERT INTO fill SELECT * FROM ins;
INSERT INTO ext SELECT * FROM ins;
INSERT INTO extv SELECT * FROM ins;
INSERT INTO hoist SELECT * FROM ins;
INSERT INTO hoistk SELECT * FROM ins;
INSERT INTO vtk SELECT * FROM ins;
INSERT INTO meta SELECT * FROM ins;
INSERT INTO hdr SELECT * FROM ins;
INSERT INTO filt SELECT * FROM ins;

-- stream
USE kafka_transforms;
UPDATE ins SET name = 'eins', small = 4 WHERE id = 1;
UPDATE ins SET id = 3 WHERE id = 1;
INSERT INTO ins (id, name) VALUES (4, 'four');
UPDATE insk SET name = 'eins', small = 4 WHERE id = 1;
UPDATE insk SET id = 3 WHERE id = 1;
INSERT INTO insk (id, name) VALUES (4, 'four');
UPDATE repl SET name = 'eins', small = 4 WHERE id = 1;
UPDATE repl SET id = 3 WHERE id = 1;
INSERT INTO repl (id, name) VALUES (4, 'four');
UPDATE incl SET name = 'eins', small = 4 WHERE id = 1;
UPDATE incl SET id = 3 WHERE id = 1;
INSERT INTO incl (id, name) VALUES (4, 'four');
UPDATE replk SET name = 'eins', small = 4 WHERE id = 1;
UPDATE replk SET id = 3 WHERE id = 1;
INSERT INTO replk (id, name) VALUES (4, 'four');
UPDATE mask SET name = 'eins', small = 4 WHERE id = 1;
UPDATE mask SET id = 3 WHERE id = 1;
INSERT INTO mask (id, name) VALUES (4, 'four');
UPDATE fill SET name = 'eins', small = 4 WHERE id = 1;
UPDATE fill SET id = 3 WHERE id = 1;
INSERT INTO fill (id, name) VALUES (4, 'four');
UPDATE ext SET name = 'eins', small = 4 WHERE id = 1;
UPDATE ext SET id = 3 WHERE id = 1;
INSERT INTO ext (id, name) VALUES (4, 'four');
UPDATE extv SET name = 'eins', small = 4 WHERE id = 1;
UPDATE extv SET id = 3 WHERE id = 1;
INSERT INTO extv (id, name) VALUES (4, 'four');
UPDATE hoist SET name = 'eins', small = 4 WHERE id = 1;
UPDATE hoist SET id = 3 WHERE id = 1;
INSERT INTO hoist (id, name) VALUES (4, 'four');
UPDATE hoistk SET name = 'eins', small = 4 WHERE id = 1;
UPDATE hoistk SET id = 3 WHERE id = 1;
INSERT INTO hoistk (id, name) VALUES (4, 'four');
UPDATE vtk SET name = 'eins', small = 4 WHERE id = 1;
UPDATE vtk SET id = 3 WHERE id = 1;
INSERT INTO vtk (id, name) VALUES (4, 'four');
UPDATE meta SET name = 'eins', small = 4 WHERE id = 1;
UPDATE meta SET id = 3 WHERE id = 1;
INSERT INTO meta (id, name) VALUES (4, 'four');
UPDATE hdr SET name = 'eins', small = 4 WHERE id = 1;
UPDATE hdr SET id = 3 WHERE id = 1;
INSERT INTO hdr (id, name) VALUES (4, 'four');
UPDATE filt SET name = 'eins', small = 4 WHERE id = 1;
UPDATE filt SET id = 3 WHERE id = 1;
INSERT INTO filt (id, name) VALUES (4, 'four');
ALTER TABLE repl ADD more INT NOT NULL DEFAULT 7;
INSERT INTO repl (id) VALUES (5);
DELETE FROM ins WHERE id = 3;
DELETE FROM insk WHERE id = 3;
DELETE FROM repl WHERE id = 3;
DELETE FROM incl WHERE id = 3;
DELETE FROM replk WHERE id = 3;
DELETE FROM mask WHERE id = 3;
DELETE FROM fill WHERE id = 3;
DELETE FROM ext WHERE id = 3;
DELETE FROM extv WHERE id = 3;
DELETE FROM hoist WHERE id = 3;
DELETE FROM hoistk WHERE id = 3;
DELETE FROM vtk WHERE id = 3;
DELETE FROM meta WHERE id = 3;
DELETE FROM hdr WHERE id = 3;
DELETE FROM filt WHERE id = 3;
