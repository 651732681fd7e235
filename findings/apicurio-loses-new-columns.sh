#!/usr/bin/env bash
# Apicurio's Avro converter drops fields that are new in a nested record, for as long as it remembers the outer one.
#
# Seen with apicurio-registry-utils-converter 2.6.13.Final and Apicurio Registry 3.0.9. With
# `apicurio.registry.dereference-schema=false` a schema is registered in pieces: every record inside of it is an artifact of its
# own, and the outer text names it. Versions of artifacts are remembered by their text alone. A change of a nested record leaves
# the text of the outer one as it was, so that what is remembered is taken, with the schema of then, and the value is written with
# that: a new field is left out without a word. The change events of Debezium are such schemas (`before` and `after` in an
# envelope), so after an ALTER TABLE .. ADD COLUMN the column is missing until `check-period-ms` (30 s) have passed.
#
# Version 3 remembers text and references together.
#
# Installs the public packages into a temporary folder, runs them there, and removes it. Fails if the behaviour is another one.
# Needs Maven, and a JDK of version 17 or later.
set -euo pipefail

home=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
registry=
trap '[ -z "$registry" ] || { kill "$registry" 2>/dev/null; wait "$registry" 2>/dev/null || :; }; rm -rf "$home"' EXIT
plugin=org.apache.maven.plugins:maven-dependency-plugin
cat > "$home/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies><dependency>
    <groupId>io.apicurio</groupId><artifactId>apicurio-registry-utils-converter</artifactId><version>2.6.13.Final</version>
  </dependency></dependencies>
</project>
POM
mvn -B -q -f "$home/pom.xml" "$plugin:3.8.1:copy-dependencies" -DoutputDirectory="$home/libs" -DincludeScope=runtime > "$home/log"
# The file alone: this version of the plugin does not read what it descends from.
(cd "$home" && mvn -B -q "$plugin:2.8:copy" -DoutputDirectory="$home" \
    -Dartifact=io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all >> log)
mkdir "$home/registry"
tar -xzf "$home"/apicurio-registry-app-3.0.9-all.tar.gz -C "$home/registry"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
java -Xmx256m -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.port="$port" \
    -jar "$(find "$home/registry" -name 'apicurio-registry-app-*-runner.jar')" > "$home/registry.log" 2>&1 &
registry=$!
url=http://127.0.0.1:$port/apis/registry/v2
for _ in $(seq 600); do curl -sf "$url/search/artifacts" > "$home/answer" && break; sleep 0.1; done

cat > "$home/NewColumn.java" <<'JAVA'
import io.apicurio.registry.utils.converter.AvroConverter;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;

public class NewColumn {
    public static void main(String[] arguments) {
        for (String whole : new String[] {"true", "false"}) {
            var converter = new AvroConverter<Object>();
            converter.configure(Map.of(
                    "apicurio.registry.url", arguments[0], "apicurio.registry.auto-register", "true",
                    "apicurio.registry.headers.enabled", "false", "apicurio.registry.dereference-schema", whole), false);
            String topic = "whole." + whole;
            Schema before = SchemaBuilder.struct().name(topic + ".Value").optional().field("id", Schema.INT32_SCHEMA).build();
            Schema after = SchemaBuilder.struct().name(topic + ".Value").optional().field("id", Schema.INT32_SCHEMA)
                    .field("added", Schema.OPTIONAL_STRING_SCHEMA).build();
            show(converter, topic, whole, before, new Struct(before).put("id", 1));
            show(converter, topic, whole, after, new Struct(after).put("id", 1).put("added", "x"));
        }
    }

    static void show(AvroConverter<Object> converter, String topic, String whole, Schema row, Struct value) {
        Schema envelope = SchemaBuilder.struct().name(topic + ".Envelope").field("after", row).build();
        byte[] bytes = converter.fromConnectData(topic, envelope, new Struct(envelope).put("after", value));
        Struct read = (Struct) converter.toConnectData(topic, bytes).value();
        System.out.println("dereference-schema=" + whole + ": " + value + " is written as " + read.getStruct("after"));
    }
}
JAVA
java -cp "$home/libs/*" "$home/NewColumn.java" "$url" 2> "$home/errors" > "$home/seen" || { cat "$home/errors" >&2; exit 1; }
cat "$home/seen"
diff - "$home/seen" <<'SEEN' && echo "as it was seen" || { echo "this has changed" >&2; exit 1; }
dereference-schema=true: Struct{id=1} is written as Struct{id=1}
dereference-schema=true: Struct{id=1,added=x} is written as Struct{id=1,added=x}
dereference-schema=false: Struct{id=1} is written as Struct{id=1}
dereference-schema=false: Struct{id=1,added=x} is written as Struct{id=1}
SEEN
