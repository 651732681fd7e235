//! [`to_pretty_json`]: JSON in the layout that Jackson's default pretty printer gives it.
//!
//! The schema history is plain text in a topic that other programs read and people look at; records that differ from
//! Debezium's only where they must are easy to compare.

use std::io::{Result, Write};

use serde_json::Value;
use serde_json::ser::{CharEscape, Formatter, Serializer};

/// `value` as Jackson would print it.
pub(super) fn to_pretty_json(value: &Value) -> Vec<u8> {
    let mut text = Vec::with_capacity(1024);
    let mut serializer = Serializer::with_formatter(&mut text, JacksonLayout::default());
    // Neither a `Value` nor a `Vec` can fail.
    let written = serde::Serialize::serialize(value, &mut serializer);
    debug_assert!(written.is_ok());
    text
}

/// Objects take a line per field, arrays stay on their line, a colon has a blank on both sides.
#[derive(Default)]
struct JacksonLayout {
    depth: usize,
    /// Whether the container that ends next has something in it.
    has_content: bool,
}

impl JacksonLayout {
    fn new_line<W: ?Sized + Write>(&self, writer: &mut W) -> Result<()> {
        writer.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| writer.write_all(b"  "))
    }
}

impl Formatter for JacksonLayout {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.has_content = false;
        writer.write_all(b"[")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        writer.write_all(if first { b" " } else { b", " })
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> Result<()> {
        self.has_content = true;
        Ok(())
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        writer.write_all(b" ]")
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.depth += 1;
        self.has_content = false;
        writer.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        self.new_line(writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        writer.write_all(b" : ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> Result<()> {
        self.has_content = true;
        Ok(())
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if self.has_content {
            self.new_line(writer)?;
        } else {
            writer.write_all(b" ")?;
        }
        writer.write_all(b"}")
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> Result<()> {
        let escaped: &[u8] = match escape {
            CharEscape::Quote => b"\\\"",
            CharEscape::ReverseSolidus => b"\\\\",
            CharEscape::Solidus => b"\\/",
            CharEscape::Backspace => b"\\b",
            CharEscape::FormFeed => b"\\f",
            CharEscape::LineFeed => b"\\n",
            CharEscape::CarriageReturn => b"\\r",
            CharEscape::Tab => b"\\t",
            CharEscape::AsciiControl(control) => return write!(writer, "\\u{control:04X}"),
        };
        writer.write_all(escaped)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::to_pretty_json;

    #[test]
    fn the_layout_is_jacksons() {
        let value = json!({"a": {}, "b": [], "c": [1, {"d": "\u{1}\u{1f}\t\"é\n"}, [null]], "e": {"f": true}});
        let text = String::from_utf8(to_pretty_json(&value)).expect("UTF-8");
        let expected = "{\n  \"a\" : { },\n  \"b\" : [ ],\n  \"c\" : [ 1, {\n    \"d\" : \"\\u0001\\u001F\\t\\\"é\\n\"\n  }, [ null ] ],\n  \"e\" : {\n    \"f\" : true\n  }\n}";
        assert_eq!(text, expected);
    }
}
