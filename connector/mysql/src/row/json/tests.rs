//! Documents made by hand: sound ones, and ones that no server would write.

use proptest::prelude::{ProptestConfig, any, proptest};

use super::*;

/// A small array of entries, each a type and two bytes, with `values` behind them.
fn array(entries: &[(u8, u16)], values: &[u8]) -> Vec<u8> {
    let length = 4 + 3 * entries.len() + values.len();
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&(entries.len() as u16).to_le_bytes());
    bytes.extend_from_slice(&(length as u16).to_le_bytes());
    for (kind, value) in entries {
        bytes.push(*kind);
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes.extend_from_slice(values);
    bytes
}

fn document(kind: u8, value: &[u8]) -> Vec<u8> {
    [&[kind], value].concat()
}

fn text_of(document: &[u8]) -> Result<String, WriteError> {
    let mut out = Vec::new();
    push_text(document, &mut out).map(|()| String::from_utf8_lossy(&out).into_owned())
}

fn check(document: &[u8], expected: &str) {
    assert_eq!(text_of(document).as_deref(), Ok(expected));
}

/// Documents of MySQL 9.7 in hexadecimal digits, each with the text that Debezium's decoder (3.6.3) makes of it.
static DEBEZIUM: &str = include_str!("../../../tests/fixtures/json.tsv");

#[test]
fn documents_read_as_with_debezium() {
    for (line, (digits, expected)) in DEBEZIUM.lines().filter_map(|line| line.split_once('\t')).enumerate() {
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        let document: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
        assert_eq!(text_of(&document).as_deref(), Ok(expected), "line {}", line + 1);
    }
}

#[test]
fn scalars() {
    check(&[LITERAL, 0], "null");
    check(&[LITERAL, 1], "true");
    check(&[LITERAL, 2], "false");
    check(&[INT16, 0xff, 0xff], "-1");
    check(&[UINT16, 0xff, 0xff], "65535");
    check(&document(INT32, &i32::MIN.to_le_bytes()), "-2147483648");
    check(&document(UINT32, &u32::MAX.to_le_bytes()), "4294967295");
    check(&document(INT64, &i64::MIN.to_le_bytes()), "-9223372036854775808");
    check(&document(UINT64, &u64::MAX.to_le_bytes()), "18446744073709551615");
    check(&document(DOUBLE, &2.0_f64.to_le_bytes()), "2.0");
}

#[test]
fn strings_are_escaped_no_more_than_needed() {
    check(b"\x0c\x00", "\"\"");
    check(
        b"\x0c\x0b\"\\/\x08\x09\x0a\x0c\x0d\x01\x1f\x7f",
        "\"\\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u001F\u{7f}\"",
    );
    check("\x0c\x07é😀x".as_bytes(), "\"é😀x\"");
    check(b"\x0c\x03a\xffb", "\"a\u{fffd}b\"");
    let long = [&b"\x0c\xc8\x01"[..], &[b'y'; 200]].concat();
    check(&long, &format!("\"{}\"", "y".repeat(200)));
}

#[test]
fn numbers_in_the_entries_themselves() {
    let value = array(
        &[(INT16, 0xfffe), (UINT16, 0xfffe), (LITERAL, 1), (INT32, 16)],
        &7_i32.to_le_bytes(),
    );
    check(&document(SMALL_ARRAY, &value), "[-2,65534,true,7]");
    // In a large array four bytes fit into an entry.
    let mut large = Vec::new();
    large.extend_from_slice(&1_u32.to_le_bytes());
    large.extend_from_slice(&13_u32.to_le_bytes());
    large.push(INT32);
    large.extend_from_slice(&(-70_000_i32).to_le_bytes());
    check(&document(LARGE_ARRAY, &large), "[-70000]");
}

#[test]
fn an_empty_value_is_null() {
    let mut scratch = Vec::new();
    let image = crate::row::testing::written(|writer| write_image(b"", &mut scratch, writer));
    assert_eq!(image, Ok(None));
    assert_eq!(crate::row::testing::written(|writer| write_text(b"", writer)), Ok(None));
}

fn nested(depth: usize) -> Vec<u8> {
    let mut value = array(&[], &[]);
    for _ in 1..depth {
        value = array(&[(SMALL_ARRAY, 7)], &value);
    }
    document(SMALL_ARRAY, &value)
}

#[test]
fn a_hundred_levels_and_no_more() {
    check(&nested(100), &format!("{}{}", "[".repeat(100), "]".repeat(100)));
    assert!(text_of(&nested(101)).is_err());
}

#[test]
fn an_array_that_contains_itself_is_damage() {
    let value = array(&[(SMALL_ARRAY, 0)], &[]);
    assert!(text_of(&document(SMALL_ARRAY, &value)).is_err());
}

#[test]
fn shared_children_do_not_multiply() {
    // Every level has ten entries that are all the one array behind them.
    let mut value = array(&[(LITERAL, 0)], &[]);
    for _ in 0..50 {
        value = array(&[(SMALL_ARRAY, 34); 10], &value);
    }
    assert!(text_of(&document(SMALL_ARRAY, &value)).is_err());
    // And a string that every entry points to.
    let string = [&b"\xe8\x07"[..], &[b's'; 1000]].concat();
    let value = array(&[(STRING, 304); 100], &string);
    assert!(text_of(&document(SMALL_ARRAY, &value)).is_err());
}

#[test]
fn offsets_and_lengths_beyond_the_end_are_damage() {
    for document in [
        document(SMALL_ARRAY, &[1, 0, 200, 0, LITERAL, 1, 0]),
        document(SMALL_ARRAY, &array(&[(STRING, 300)], &[])),
        document(SMALL_ARRAY, &array(&[(STRING, 7)], &[100, 0])),
        document(SMALL_OBJECT, &[1, 0, 11, 0, 90, 0, 1, 0, LITERAL, 1, 0]),
        document(SMALL_OBJECT, &[0xff, 0xff, 4, 0]),
        document(LARGE_ARRAY, &[0xff; 16]),
        document(STRING, &[0xff; 8]),
        document(OPAQUE, &[246]),
        document(LITERAL, &[9]),
        document(14, &[0]),
        Vec::new(),
    ] {
        assert!(text_of(&document).is_err(), "{document:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4000, ..ProptestConfig::default() })]
    #[test]
    fn random_documents_never_panic_and_stay_small(kind in 0_u8..16, bytes: Vec<u8>) {
        if let Ok(text) = text_of(&document(kind, &bytes)) {
            // The longest text of eight bytes is that of the smallest number.
            assert!(text.len() <= 1100 * (bytes.len() + 1));
        }
    }

    #[test]
    fn damaged_documents_never_panic(at in any::<u16>(), value: u8) {
        let mut bytes = nested(20);
        let length = bytes.len();
        bytes[usize::from(at) % length] = value;
        let _ = text_of(&bytes);
    }
}
