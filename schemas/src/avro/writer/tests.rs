use connector_api::data::{Field, Schema, SchemaType, Value, ValueWriter, WriteError, WriteValue};

use super::{AvroPlan, AvroWriter, NullDefaults};
use crate::avro::{SchemaStyle, parse, schema_text};
use crate::recordings::recordings;

fn encode(schema: &Schema, nulls: NullDefaults, value: &dyn WriteValue) -> Result<Vec<u8>, WriteError> {
    let plan = AvroPlan::compile(schema, nulls).unwrap();
    let mut out = Vec::new();
    AvroWriter::default().write(&plan, value, &mut out).map(|()| out)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_recorded_value_has_the_bytes_of_confluents_converter() {
    let mut checked = 0;
    for recording in recordings()
        .iter()
        .filter(|recording| !recording.avro_schema.starts_with("error"))
    {
        let bytes = encode(&recording.schema, NullDefaults::Substitute, &recording.value).unwrap();
        assert_eq!(hex(&bytes), recording.avro_datum, "{}", recording.avro_schema);
        checked += 1;
    }
    assert!(checked > 100);
}

/// The encoding as the specification tells it: seven bits at a time, lowest first.
fn long_by_the_book(value: i64) -> Vec<u8> {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    let mut bytes = Vec::new();
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

#[test]
fn longs_of_every_length_have_the_bytes_of_the_specification() {
    let powers = (0..64).map(|bit| 1_i64 << bit);
    for value in powers.flat_map(|power| {
        [
            power,
            power.wrapping_sub(1),
            power.wrapping_neg(),
            power.wrapping_mul(5),
        ]
    }) {
        let plain = Schema::new(SchemaType::Int64);
        let written = |schema: &Schema| encode(schema, NullDefaults::default(), &Value::Int64(value)).unwrap();
        assert_eq!(written(&plain), long_by_the_book(value), "{value}");
        let in_union = [vec![2], long_by_the_book(value)].concat();
        assert_eq!(written(&plain.optional()), in_union, "{value} in a union");
    }
}

fn row(fields: Vec<(&str, Schema)>) -> Schema {
    Schema::structure(
        "r",
        fields
            .into_iter()
            .map(|(name, schema)| Field::new(name, schema.shared()))
            .collect(),
    )
}

#[test]
fn a_null_becomes_the_default_unless_told_otherwise() {
    let schema = row(vec![
        (
            "a",
            Schema::new(SchemaType::Int32).optional().default_value(Value::Int32(5)),
        ),
        ("b", Schema::new(SchemaType::Int32).default_value(Value::Int32(6))),
        ("c", Schema::new(SchemaType::Int32).optional()),
    ]);
    let nulls = Value::Struct(vec![Value::Null, Value::Null, Value::Null]);
    assert_eq!(
        encode(&schema, NullDefaults::Substitute, &nulls).unwrap(),
        [0, 10, 12, 0]
    );
    assert_eq!(encode(&schema, NullDefaults::KeepNull, &nulls).unwrap(), [2, 12, 0]);
}

/// Writes by a closure, to call a writer in ways an owned value cannot.
struct Calls<F>(F);

impl<F: Fn(&mut dyn ValueWriter) -> Result<(), WriteError>> WriteValue for Calls<F> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        (self.0)(writer)
    }
    fn write_field(&self, _: usize, _: &mut dyn ValueWriter) -> Result<(), WriteError> {
        Err(WriteError::new("no fields"))
    }
}

fn check_error(schema: &Schema, expected: &str, calls: impl Fn(&mut dyn ValueWriter) -> Result<(), WriteError>) {
    let plan = AvroPlan::compile(schema, NullDefaults::Substitute).unwrap();
    let mut out = b"before".to_vec();
    let error = AvroWriter::default().write(&plan, &Calls(calls), &mut out).unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert_eq!(out, b"before", "the output is as long as it was");
}

#[test]
fn a_value_that_does_not_fit_is_named_by_its_path_and_leaves_no_bytes() {
    let inner = row(vec![("n", Schema::new(SchemaType::Int64))]);
    let list = Schema::new(SchemaType::Array(Schema::new(SchemaType::String).shared()));
    let schema = row(vec![
        ("a", Schema::new(SchemaType::Boolean)),
        ("in", inner),
        ("l", list),
    ]);

    check_error(&schema, "field `in.n`: the schema wants an int64, not a string", |w| {
        w.begin_struct()?;
        w.boolean(true)?;
        w.begin_struct()?;
        w.string("x")
    });
    check_error(&schema, "field `a`: null where the schema has no place for it", |w| {
        w.begin_struct()?;
        w.null()
    });
    check_error(
        &schema,
        "field `in.n`: a struct was closed before it was complete",
        |w| {
            w.begin_struct()?;
            w.boolean(true)?;
            w.begin_struct()?;
            w.end_struct()
        },
    );
    check_error(&schema, "field `in`: more values than the schema has places", |w| {
        w.begin_struct()?;
        w.boolean(true)?;
        w.begin_struct()?;
        w.int64(1)?;
        w.int64(2)
    });
    check_error(&schema, "field `l`: an array was closed before it was complete", |w| {
        w.begin_struct()?;
        w.boolean(true)?;
        w.begin_struct()?;
        w.int64(1)?;
        w.end_struct()?;
        w.begin_array(2)?;
        w.string("one")?;
        w.end_array()
    });
    check_error(&schema, "field `a`: the value ended before it was complete", |w| {
        w.begin_struct()
    });
    check_error(&schema, "more values than the schema has places", |w| {
        w.begin_struct()?;
        w.boolean(true)?;
        w.begin_struct()?;
        w.int64(1)?;
        w.end_struct()?;
        w.begin_array(0)?;
        w.end_array()?;
        w.end_struct()?;
        w.int32(1)
    });
    check_error(&schema, "the schema wants a struct, not an int32", |w| w.int32(1));
}

#[test]
fn the_writer_is_as_good_after_an_error_as_before() {
    let schema = row(vec![("in", row(vec![("n", Schema::new(SchemaType::Int64))]))]);
    let plan = AvroPlan::compile(&schema, NullDefaults::Substitute).unwrap();
    let mut writer = AvroWriter::default();
    let mut out = Vec::new();
    let bad = Value::Struct(vec![Value::Struct(vec![Value::Null])]);
    assert!(writer.write(&plan, &bad, &mut out).is_err());
    let good = Value::Struct(vec![Value::Struct(vec![Value::Int64(-1)])]);
    writer.write(&plan, &good, &mut out).unwrap();
    assert_eq!(out, [1]);
}

mod properties {
    use apache_avro::types::Value as AvroValue;
    use proptest::prelude::{Just, Strategy, any, prop, prop_oneof};
    use proptest::{prop_assert_eq, proptest};

    use super::*;

    /// A schema and a value of it. Record names are given afterwards, so that no two records share one.
    fn schema_and_value() -> impl Strategy<Value = (Schema, Value)> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(|v| (Schema::new(SchemaType::Boolean), Value::Boolean(v))),
            any::<i8>().prop_map(|v| (Schema::new(SchemaType::Int8), Value::Int32(v.into()))),
            any::<i32>().prop_map(|v| (Schema::new(SchemaType::Int32), Value::Int32(v))),
            any::<i64>().prop_map(|v| (Schema::new(SchemaType::Int64), Value::Int64(v))),
            (0..63u32).prop_map(|shift| (Schema::new(SchemaType::Int64), Value::Int64((1 << shift) - 1))),
            any::<f32>().prop_map(|v| (Schema::new(SchemaType::Float32), Value::Float32(v))),
            any::<f64>().prop_map(|v| (Schema::new(SchemaType::Float64), Value::Float64(v))),
            any::<String>().prop_map(|v| (Schema::new(SchemaType::String), Value::String(v))),
            prop::collection::vec(any::<u8>(), 0..200).prop_map(|v| (Schema::new(SchemaType::Bytes), Value::Bytes(v))),
        ];
        let optional = |(schema, value): (Schema, Value), choice: u8| match choice {
            0 => (schema.optional(), value),
            1 => (schema.optional(), Value::Null),
            2 if !holds_struct(&schema) => {
                let default = value.clone();
                (schema.optional().default_value(default), value)
            }
            _ => (schema, value),
        };
        leaf.prop_recursive(4, 40, 6, move |inner| {
            let member = (inner, 0..6u8).prop_map(move |(pair, choice)| optional(pair, choice));
            prop_oneof![
                prop::collection::vec(member.clone(), 0..6).prop_map(|members| {
                    let (schemas, values): (Vec<_>, Vec<_>) = members.into_iter().unzip();
                    let fields = schemas.into_iter().enumerate();
                    let fields = fields
                        .map(|(at, schema)| Field::new(format!("f{at}"), schema.shared()))
                        .collect();
                    (Schema::new(SchemaType::Struct(fields)), Value::Struct(values))
                }),
                (member.clone(), 0..4usize).prop_map(|((schema, value), len)| {
                    (
                        Schema::new(SchemaType::Array(schema.shared())),
                        Value::Array(vec![value; len]),
                    )
                }),
                (member, Just("key")).prop_map(|((schema, value), key)| {
                    let keys = Schema::new(SchemaType::String).shared();
                    let entries = vec![(Value::String(key.to_owned()), value)];
                    (Schema::new(SchemaType::Map(keys, schema.shared())), Value::Map(entries))
                }),
            ]
        })
    }

    /// A default of a struct is refused.
    fn holds_struct(schema: &Schema) -> bool {
        match &schema.schema_type {
            SchemaType::Struct(_) => true,
            SchemaType::Array(inner) | SchemaType::Map(_, inner) => holds_struct(inner),
            _ => false,
        }
    }

    /// What a decoder should say of a value.
    fn expected(schema: &Schema, value: &Value) -> AvroValue {
        let inner = match (&schema.schema_type, value) {
            (_, Value::Null) => AvroValue::Null,
            (_, Value::Boolean(v)) => AvroValue::Boolean(*v),
            (_, Value::Int32(v)) => AvroValue::Int(*v),
            (_, Value::Int64(v)) => AvroValue::Long(*v),
            (_, Value::Float32(v)) => AvroValue::Float(*v),
            (_, Value::Float64(v)) => AvroValue::Double(*v),
            (_, Value::String(v)) => AvroValue::String(v.clone()),
            (_, Value::Bytes(v)) => AvroValue::Bytes(v.clone()),
            (SchemaType::Array(items), Value::Array(values)) => {
                AvroValue::Array(values.iter().map(|value| expected(items, value)).collect())
            }
            (SchemaType::Map(_, values), Value::Map(entries)) => AvroValue::Map(
                entries
                    .iter()
                    .map(|(key, value)| match key {
                        Value::String(key) => (key.clone(), expected(values, value)),
                        other => panic!("{other:?} as a key"),
                    })
                    .collect(),
            ),
            (SchemaType::Struct(fields), Value::Struct(values)) => AvroValue::Record(
                fields
                    .iter()
                    .zip(values)
                    .map(|(field, value)| (field.name.clone(), expected(&field.schema, value)))
                    .collect(),
            ),
            _ => panic!("{value:?} is no {schema:?}"),
        };
        match (schema.optional, *value == Value::Null, schema.default.is_some()) {
            (false, ..) => inner,
            (true, is_null, has_default) => AvroValue::Union(u32::from(is_null == has_default), Box::new(inner)),
        }
    }

    proptest! {
        #[test]
        fn another_decoder_reads_back_what_was_written((schema, value) in schema_and_value()) {
            let bytes = encode(&schema, NullDefaults::KeepNull, &value).unwrap();
            let avro = parse(&schema_text(&schema, SchemaStyle::default()).unwrap()).unwrap();
            let mut rest = bytes.as_slice();
            let decoded = apache_avro::reader::datum::GenericDatumReader::builder(&avro).build().unwrap().read_value(&mut rest).unwrap();
            prop_assert_eq!(rest.len(), 0);
            prop_assert_eq!(format!("{decoded:?}"), format!("{:?}", expected(&schema, &value)));
        }
    }
}
