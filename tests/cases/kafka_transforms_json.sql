-- The rest of Kafka Connect's own transforms, each on its table, on envelopes or unwrapped rows: nulls, defaults, changes of keys, deletes,
-- a new column. With JsonConverter.
-- config: database.include.list = kafka_transforms_json
-- config: time.precision.mode = connect
-- config: key.converter = org.apache.kafka.connect.json.JsonConverter
-- config: value.converter = org.apache.kafka.connect.json.JsonConverter
-- config: value.converter.replace.null.with.default = false
-- config: predicates = castv,castp,castk,flatv,flatk,tsstr,tsunix,tsdate,tstime,tsparse,tszoned,tskey,hdrcopy,hdrmove,hdrkey,path,pathrow,enveloped,gone
-- config: predicates.castv.type = TopicNameMatches
-- config: predicates.castv.pattern = .*\.castv
-- config: predicates.castp.type = TopicNameMatches
-- config: predicates.castp.pattern = .*\.castp
-- config: predicates.castk.type = TopicNameMatches
-- config: predicates.castk.pattern = .*\.castk
-- config: predicates.flatv.type = TopicNameMatches
-- config: predicates.flatv.pattern = .*\.flatv
-- config: predicates.flatk.type = TopicNameMatches
-- config: predicates.flatk.pattern = .*\.flatk
-- config: predicates.tsstr.type = TopicNameMatches
-- config: predicates.tsstr.pattern = .*\.tsstr
-- config: predicates.tsunix.type = TopicNameMatches
-- config: predicates.tsunix.pattern = .*\.tsunix
-- config: predicates.tsdate.type = TopicNameMatches
-- config: predicates.tsdate.pattern = .*\.tsdate
-- config: predicates.tstime.type = TopicNameMatches
-- config: predicates.tstime.pattern = .*\.tstime
-- config: predicates.tsparse.type = TopicNameMatches
-- config: predicates.tsparse.pattern = .*\.tsparse
-- config: predicates.tszoned.type = TopicNameMatches
-- config: predicates.tszoned.pattern = .*\.tszoned
-- config: predicates.tskey.type = TopicNameMatches
-- config: predicates.tskey.pattern = .*\.tskey
-- config: predicates.hdrcopy.type = TopicNameMatches
-- config: predicates.hdrcopy.pattern = .*\.hdrcopy
-- config: predicates.hdrmove.type = TopicNameMatches
-- config: predicates.hdrmove.pattern = .*\.hdrmove
-- config: predicates.hdrkey.type = TopicNameMatches
-- config: predicates.hdrkey.pattern = .*\.hdrkey
-- config: predicates.path.type = TopicNameMatches
-- config: predicates.path.pattern = .*\.path
-- config: predicates.pathrow.type = TopicNameMatches
-- config: predicates.pathrow.pattern = .*\.pathrow
-- config: predicates.enveloped.type = TopicNameMatches
-- config: predicates.enveloped.pattern = .*\.(flatv|path|pathrow)|__debezium.*
-- config: predicates.gone.type = org.apache.kafka.connect.transforms.predicates.RecordIsTombstone
-- config: transforms = unwrap,castv,castp,castk,castk2,flatv,flatv2,flatk,flatk2,flatk3,tsstr,tsunix,tsunix2,tsunix3,tsdate,tsdate2,tsdate3,tstime,tstime2,tsparse,tszoned,tskey,tskey2,hdrkey,path,pathrow,nogone,hdrcopy,hdrmove
-- config: transforms.unwrap.type = ExtractNewRecordState
-- config: transforms.unwrap.predicate = enveloped
-- config: transforms.unwrap.negate = true
-- config: transforms.unwrap.delete.tombstone.handling.mode = tombstone
-- config: transforms.castv.type = org.apache.kafka.connect.transforms.Cast$Value
-- config: transforms.castv.predicate = castv
-- config: transforms.castv.spec = n:string,big:int32,f:int32,d:string,price:float64,small:boolean,name:string,raw:string,flag:int8,nothing:int8,at:string,num:int64
-- config: transforms.castp.type = org.apache.kafka.connect.transforms.Cast$Value
-- config: transforms.castp.predicate = castp
-- config: transforms.castp.spec = price:string,n:float32,big:float64,day:int64,clock:string,num:boolean,d:int16,flag:string
-- config: transforms.castp.replace.null.with.default = false
-- config: transforms.castk.type = org.apache.kafka.connect.transforms.ExtractField$Key
-- config: transforms.castk.predicate = castk
-- config: transforms.castk.field = id
-- config: transforms.castk2.type = org.apache.kafka.connect.transforms.Cast$Key
-- config: transforms.castk2.predicate = castk
-- config: transforms.castk2.spec = string
-- config: transforms.flatv.type = org.apache.kafka.connect.transforms.Flatten$Value
-- config: transforms.flatv.predicate = flatv
-- config: transforms.flatv.delimiter = _
-- config: transforms.flatv2.type = org.apache.kafka.connect.transforms.ReplaceField$Value
-- config: transforms.flatv2.predicate = flatv
-- config: transforms.flatv2.exclude = source_ts_ms,source_ts_us,source_ts_ns,source_thread,source_file,source_pos,source_gtid
-- config: transforms.flatv2.replace.null.with.default = false
-- config: transforms.flatk.type = org.apache.kafka.connect.transforms.HoistField$Key
-- config: transforms.flatk.predicate = flatk
-- config: transforms.flatk.field = inner
-- config: transforms.flatk2.type = org.apache.kafka.connect.transforms.HoistField$Key
-- config: transforms.flatk2.predicate = flatk
-- config: transforms.flatk2.field = outer
-- config: transforms.flatk3.type = org.apache.kafka.connect.transforms.Flatten$Key
-- config: transforms.flatk3.predicate = flatk
-- config: transforms.flatk3.delimiter = __
-- config: transforms.tsstr.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.tsstr.predicate = tsstr
-- config: transforms.tsstr.field = at
-- config: transforms.tsstr.target.type = string
-- config: transforms.tsstr.format = EEE, dd MMM yyyy hh:mm:ss.SSS a z
-- config: transforms.tsunix.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.tsunix.predicate = tsunix
-- config: transforms.tsunix.field = at
-- config: transforms.tsunix.target.type = unix
-- config: transforms.tsunix.unix.precision = seconds
-- config: transforms.tsunix2.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.tsunix2.predicate = tsunix
-- config: transforms.tsunix2.field = day
-- config: transforms.tsunix2.target.type = unix
-- config: transforms.tsunix2.unix.precision = microseconds
-- config: transforms.tsunix3.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.tsunix3.predicate = tsunix
-- config: transforms.tsunix3.field = clock
-- config: transforms.tsunix3.target.type = unix
-- config: transforms.tsunix3.replace.null.with.default = false
-- config: transforms.tsdate.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.tsdate.predicate = tsdate
-- config: transforms.tsdate.field = at
-- config: transforms.tsdate.target.type = Date
-- config: transforms.tsdate2.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.tsdate2.predicate = tsdate
-- config: transforms.tsdate2.field = big
-- config: transforms.tsdate2.target.type = Timestamp
-- config: transforms.tsdate2.unix.precision = nanoseconds
-- config: transforms.tsdate3.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.tsdate3.predicate = tsdate
-- config: transforms.tsdate3.field = day
-- config: transforms.tsdate3.target.type = string
-- config: transforms.tsdate3.format = yyyy.MM.dd
-- config: transforms.tstime.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.tstime.predicate = tstime
-- config: transforms.tstime.field = at
-- config: transforms.tstime.target.type = Time
-- config: transforms.tstime2.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.tstime2.predicate = tstime
-- config: transforms.tstime2.field = clock
-- config: transforms.tstime2.target.type = Timestamp
-- config: transforms.tsparse.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.tsparse.predicate = tsparse
-- config: transforms.tsparse.field = name
-- config: transforms.tsparse.target.type = Timestamp
-- config: transforms.tsparse.format = yyyy-MM-dd'T'HH:mm:ss'Z'
-- config: transforms.tszoned.type = org.apache.kafka.connect.transforms.TimestampConverter$Value
-- config: transforms.tszoned.predicate = tszoned
-- config: transforms.tszoned.field = zoned
-- config: transforms.tszoned.target.type = unix
-- config: transforms.tszoned.format = yyyy-MM-dd'T'HH:mm:ssX
-- config: transforms.tskey.type = org.apache.kafka.connect.transforms.ExtractField$Key
-- config: transforms.tskey.predicate = tskey
-- config: transforms.tskey.field = id
-- config: transforms.tskey2.type = org.apache.kafka.connect.transforms.TimestampConverter$Key
-- config: transforms.tskey2.predicate = tskey
-- config: transforms.tskey2.target.type = string
-- config: transforms.tskey2.format = yyyyMMdd
-- config: transforms.tskey2.unix.precision = seconds
-- config: transforms.hdrcopy.type = org.apache.kafka.connect.transforms.HeaderFrom$Value
-- config: transforms.hdrcopy.predicate = hdrcopy
-- config: transforms.hdrcopy.fields = id,name,n,big,f,d,price,small,raw,flag,at,day,clock,zoned,num
-- config: transforms.hdrcopy.headers = h.id,h.name,h.n,h.big,h.f,h.d,h.price,h.small,h.raw,h.flag,h.at,h.day,h.clock,h.zoned,h.num
-- config: transforms.hdrcopy.operation = copy
-- config: transforms.hdrmove.type = org.apache.kafka.connect.transforms.HeaderFrom$Value
-- config: transforms.hdrmove.predicate = hdrmove
-- config: transforms.hdrmove.fields = name,n
-- config: transforms.hdrmove.headers = name,number
-- config: transforms.hdrmove.operation = move
-- config: transforms.hdrmove.replace.null.with.default = false
-- config: transforms.hdrkey.type = org.apache.kafka.connect.transforms.HeaderFrom$Key
-- config: transforms.hdrkey.predicate = hdrkey
-- config: transforms.hdrkey.fields = id
-- config: transforms.hdrkey.headers = key
-- config: transforms.hdrkey.operation = copy
-- config: transforms.nogone.type = org.apache.kafka.connect.transforms.Filter
-- config: transforms.nogone.predicate = gone
-- config: transforms.path.type = org.apache.kafka.connect.transforms.ExtractField$Value
-- config: transforms.path.predicate = path
-- config: transforms.path.field = source.table
-- config: transforms.path.field.syntax.version = V2
-- config: transforms.pathrow.type = org.apache.kafka.connect.transforms.ExtractField$Value
-- config: transforms.pathrow.predicate = pathrow
-- config: transforms.pathrow.field = after
-- config: transforms.pathrow.field.syntax.version = v2

-- before snapshot
CREATE DATABASE kafka_transforms_json;
USE kafka_transforms_json;
SET time_zone = '+00:00';
CREATE TABLE castv (id BIGINT PRIMARY KEY, name VARCHAR(30), n INT DEFAULT 5, big BIGINT, f FLOAT, d DOUBLE, price DECIMAL(12,3) DEFAULT 1.250, small SMALLINT,
  raw VARBINARY(9), flag BOOLEAN DEFAULT 1, at DATETIME(3) DEFAULT '2001-02-03 04:05:06.789', day DATE, clock TIME(3) DEFAULT '01:02:03.004', zoned TIMESTAMP NULL, num DECIMAL(20,0));
CREATE TABLE castp LIKE castv;
CREATE TABLE castk LIKE castv;
CREATE TABLE flatv LIKE castv;
CREATE TABLE flatk LIKE castv;
CREATE TABLE tsstr LIKE castv;
CREATE TABLE tsunix LIKE castv;
CREATE TABLE tsdate LIKE castv;
CREATE TABLE tstime LIKE castv;
CREATE TABLE tsparse LIKE castv;
CREATE TABLE tszoned LIKE castv;
CREATE TABLE tskey LIKE castv;
CREATE TABLE hdrcopy LIKE castv;
CREATE TABLE hdrmove LIKE castv;
CREATE TABLE hdrkey LIKE castv;
CREATE TABLE path LIKE castv;
CREATE TABLE pathrow LIKE castv;
INSERT INTO castv VALUES (1709210096, '2024-02-29T12:34:56Z', 300, 1709210096789012345, 1.5, 70000.25, 12.5, 3, 0x00FF10, 0, '2024-02-29 12:34:56.789', '2024-02-29', '12:34:56.789', '2024-02-29 12:34:56', 12345678901234567890),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (3, '1999-1-40T5:6:7Z', -1, -5, -0.25, 1e300, -99.999, 0, '', 1, '1500-01-01 00:00:00', '0001-01-01', '00:00:00', '1970-01-02 00:00:00', 0);
INSERT INTO castp SELECT * FROM castv;
INSERT INTO castk SELECT * FROM castv;
INSERT INTO flatv SELECT * FROM castv;
INSERT INTO flatk SELECT * FROM castv;
INSERT INTO tsstr SELECT * FROM castv;
INSERT INTO tsunix SELECT * FROM castv;
INSERT INTO tsdate SELECT * FROM castv;
INSERT INTO tstime SELECT * FROM castv;
INSERT INTO tsparse SELECT * FROM castv;
INSERT INTO tszoned SELECT * FROM castv;
INSERT INTO tskey SELECT * FROM castv;
INSERT INTO hdrcopy SELECT * FROM castv;
INSERT INTO hdrmove SELECT * FROM castv;
INSERT INTO hdrkey SELECT * FROM castv;
INSERT INTO path SELECT * FROM castv;
INSERT INTO pathrow SELECT * FROM castv;

-- stream
USE kafka_transforms_json;
SET time_zone = '+00:00';
UPDATE castv SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE castv SET id = 4 WHERE id = 1709210096;
INSERT INTO castv (id, d) VALUES (5, 0.1);
UPDATE castp SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE castp SET id = 4 WHERE id = 1709210096;
INSERT INTO castp (id, d) VALUES (5, 0.1);
UPDATE castk SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE castk SET id = 4 WHERE id = 1709210096;
INSERT INTO castk (id, d) VALUES (5, 0.1);
UPDATE flatv SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE flatv SET id = 4 WHERE id = 1709210096;
INSERT INTO flatv (id, d) VALUES (5, 0.1);
UPDATE flatk SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE flatk SET id = 4 WHERE id = 1709210096;
INSERT INTO flatk (id, d) VALUES (5, 0.1);
UPDATE tsstr SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE tsstr SET id = 4 WHERE id = 1709210096;
INSERT INTO tsstr (id, d) VALUES (5, 0.1);
UPDATE tsunix SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE tsunix SET id = 4 WHERE id = 1709210096;
INSERT INTO tsunix (id, d) VALUES (5, 0.1);
UPDATE tsdate SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE tsdate SET id = 4 WHERE id = 1709210096;
INSERT INTO tsdate (id, d) VALUES (5, 0.1);
UPDATE tstime SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE tstime SET id = 4 WHERE id = 1709210096;
INSERT INTO tstime (id, d) VALUES (5, 0.1);
UPDATE tsparse SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE tsparse SET id = 4 WHERE id = 1709210096;
INSERT INTO tsparse (id, d) VALUES (5, 0.1);
UPDATE tszoned SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE tszoned SET id = 4 WHERE id = 1709210096;
INSERT INTO tszoned (id, d) VALUES (5, 0.1);
UPDATE tskey SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE tskey SET id = 4 WHERE id = 1709210096;
INSERT INTO tskey (id, d) VALUES (5, 0.1);
UPDATE hdrcopy SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE hdrcopy SET id = 4 WHERE id = 1709210096;
INSERT INTO hdrcopy (id, d) VALUES (5, 0.1);
UPDATE hdrmove SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE hdrmove SET id = 4 WHERE id = 1709210096;
INSERT INTO hdrmove (id, d) VALUES (5, 0.1);
UPDATE hdrkey SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE hdrkey SET id = 4 WHERE id = 1709210096;
INSERT INTO hdrkey (id, d) VALUES (5, 0.1);
UPDATE path SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE path SET id = 4 WHERE id = 1709210096;
INSERT INTO path (id, d) VALUES (5, 0.1);
UPDATE pathrow SET n = NULL, small = 4, at = '1969-12-31 23:59:59.999', day = '1970-01-01', f = 2.5e9 WHERE id = 1709210096;
UPDATE pathrow SET id = 4 WHERE id = 1709210096;
INSERT INTO pathrow (id, d) VALUES (5, 0.1);
ALTER TABLE castv ADD more INT NOT NULL DEFAULT 7;
INSERT INTO castv (id, name) VALUES (6, 'six');
ALTER TABLE flatv ADD more DATETIME(3);
INSERT INTO flatv (id, more) VALUES (6, '2024-02-29 12:34:56.789');
ALTER TABLE hdrmove DROP name, ADD name INT FIRST;
INSERT INTO hdrmove (id, name) VALUES (6, 6);
DELETE FROM castv WHERE id = 4;
DELETE FROM castp WHERE id = 4;
DELETE FROM castk WHERE id = 4;
DELETE FROM flatv WHERE id = 4;
DELETE FROM flatk WHERE id = 4;
DELETE FROM tsstr WHERE id = 4;
DELETE FROM tsunix WHERE id = 4;
DELETE FROM tsdate WHERE id = 4;
DELETE FROM tstime WHERE id = 4;
DELETE FROM tsparse WHERE id = 4;
DELETE FROM tszoned WHERE id = 4;
DELETE FROM tskey WHERE id = 4;
DELETE FROM hdrcopy WHERE id = 4;
DELETE FROM hdrmove WHERE id = 4;
DELETE FROM hdrkey WHERE id = 4;
DELETE FROM path WHERE id = 4;
DELETE FROM pathrow WHERE id = 4;
