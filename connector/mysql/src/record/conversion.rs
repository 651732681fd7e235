//! What a converter of the user's (`converters`) makes of a column: [`converted`] is its form, [`converted_schema`] its schema.

use connector_api::data::{Schema, Value};

use super::error::RecordError;
use crate::config::{Conversion, Fallback, TimePrecision, TimestampDigits, TinyIntMode};
use crate::row::ColumnForm;
use crate::schema::{Column, ColumnType};
use crate::table_id::TableId;

/// The character set of a column, for sinks that create one.
const CHARSET: &str = "__debezium.source.column.character_set";

/// The form of a column that a converter has.
///
/// # Errors
/// The type is none that the converter is for: Debezium's writes whatever Java makes of it, which for some is the same for every
/// value.
pub(super) fn converted(
    form: ColumnForm,
    conversion: &Conversion,
    table: &TableId,
    column: &Column,
    is_key: bool,
) -> Result<ColumnForm, RecordError> {
    let mut form = form;
    form.column_type = match (conversion, form.column_type) {
        (Conversion::Boolean, column_type) => {
            form.modes.tiny_ints = TinyIntMode::Boolean;
            column_type
        }
        (Conversion::Flag, ColumnType::Boolean) => {
            form.modes.tiny_ints = TinyIntMode::Flag;
            ColumnType::TinyInt { unsigned: false }
        }
        (Conversion::Flag, column_type @ ColumnType::TinyInt { .. }) => {
            form.modes.tiny_ints = TinyIntMode::Flag;
            column_type
        }
        (Conversion::Double, ColumnType::Float | ColumnType::FloatWithScale) => ColumnType::FloatWithScale,
        (Conversion::Double, ColumnType::Double) => ColumnType::Double,
        (Conversion::Single, ColumnType::Float | ColumnType::FloatWithScale) => ColumnType::Float,
        // Keys that differ would be the same.
        (Conversion::Single, ColumnType::Double) if !is_key => ColumnType::Float,
        (Conversion::TextWithCharset, column_type @ ColumnType::Text { .. }) => column_type,
        (Conversion::ZeroDates(_), column_type) => {
            form.modes.times = TimePrecision::Adaptive;
            form.modes.timestamps = TimestampDigits::Needed;
            column_type
        }
        (conversion, _) => {
            return Err(RecordError::Conversion {
                table: table.clone(),
                column: column.name.clone(),
                column_type: column.type_name.clone(),
                selector: match conversion {
                    Conversion::Flag => "selector.boolean",
                    Conversion::TextWithCharset => "selector.string",
                    Conversion::NoFallback => "column.*.fallback",
                    _ => "selector.real",
                },
            });
        }
    };
    Ok(form)
}

/// What a converter does to the schema of a column.
pub(super) fn converted_schema(conversion: &Conversion, column: &Column, schema: Schema) -> Schema {
    match (conversion, &column.charset) {
        (Conversion::TextWithCharset, Some(charset)) => schema.parameter(CHARSET, charset),
        (Conversion::ZeroDates(fallback), _) => Schema {
            optional: schema.optional || *fallback == Fallback::Null,
            default: schema.default.and_then(|_| standing_for_null(fallback)),
            ..schema
        },
        _ => schema,
    }
}

/// What a converter writes where there is no value; `None`: null.
pub(super) fn standing_for_null(fallback: &Fallback) -> Option<Value> {
    match fallback {
        Fallback::Null => None,
        Fallback::Days(days) => Some(Value::Int32(*days)),
        Fallback::Millis(ms) => Some(Value::Int64(*ms)),
        Fallback::Text(text) => Some(Value::String(text.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::{ColumnForm, ColumnType, Conversion, Fallback, TableId, TinyIntMode, converted};
    use crate::schema::Column;

    fn column(type_name: &str) -> Column {
        Column {
            name: "c".to_owned(),
            type_name: type_name.to_owned(),
            length: None,
            scale: None,
            charset: None,
            optional: true,
            auto_incremented: false,
            generated: false,
            default: None,
            enum_values: Vec::new(),
            comment: None,
        }
    }

    fn convert(column_type: ColumnType, conversion: &Conversion, is_key: bool) -> Result<ColumnForm, String> {
        let column = column("OF_THE_CASE");
        converted(
            ColumnForm::usual(column_type),
            conversion,
            &TableId::new("d", "t"),
            &column,
            is_key,
        )
        .map_err(|error| error.to_string())
    }

    #[test]
    fn a_column_takes_the_type_that_its_converter_gives_it() {
        let of = |column_type, conversion| convert(column_type, &conversion, false).map(|form| form.column_type);
        assert_eq!(
            of(ColumnType::Float, Conversion::Double),
            Ok(ColumnType::FloatWithScale)
        );
        assert_eq!(of(ColumnType::Double, Conversion::Single), Ok(ColumnType::Float));
        let flag = convert(ColumnType::Boolean, &Conversion::Flag, true).expect("a number");
        assert_eq!(flag.column_type, ColumnType::TinyInt { unsigned: false });
        assert_eq!(flag.modes.tiny_ints, TinyIntMode::Flag);
        assert_eq!(
            of(ColumnType::Date, Conversion::ZeroDates(Fallback::Null)),
            Ok(ColumnType::Date)
        );
    }

    #[test]
    fn a_column_of_a_type_that_its_converter_is_not_for_is_named_with_the_option() {
        for (column_type, conversion, is_key, option) in [
            (ColumnType::Date, Conversion::Flag, false, "selector.boolean"),
            (ColumnType::Json, Conversion::TextWithCharset, false, "selector.string"),
            (ColumnType::Double, Conversion::Single, true, "selector.real"),
            (ColumnType::Date, Conversion::NoFallback, false, "column.*.fallback"),
        ] {
            let refused = convert(column_type, &conversion, is_key).expect_err("refused");
            assert!(
                refused.starts_with("table d.t: column `c` is of type OF_THE_CASE") && refused.contains(option),
                "{refused}"
            );
        }
    }
}
