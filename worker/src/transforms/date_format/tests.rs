use super::DateFormat;

/// 2024-02-29T12:34:56.789Z, a Thursday.
const THEN: i64 = 1_709_210_096_789;

#[track_caller]
fn check_text(pattern: &str, epoch_ms: i64, expected: &str) {
    let mut text = String::new();
    DateFormat::new(pattern, THEN)
        .expect("a pattern")
        .push(&mut text, epoch_ms);
    assert_eq!(text, expected);
}

#[track_caller]
fn check_instant(pattern: &str, text: &str, expected: Option<i64>) {
    assert_eq!(
        DateFormat::new(pattern, THEN).expect("a pattern").parse(text),
        expected,
        "{text}"
    );
}

/// As a `SimpleDateFormat` of Java 17 in UTC and English writes them.
#[test]
fn instants_are_written_as_java_does() {
    check_text("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", THEN, "2024-02-29T12:34:56.789Z");
    check_text("yyyyMMdd", THEN, "20240229");
    check_text("yy/M/d H:m:s", 0, "70/1/1 0:0:0");
    check_text("EEEE, d MMMM yyyy", THEN, "Thursday, 29 February 2024");
    check_text("EEE MMM dd hh:mm a", THEN, "Thu Feb 29 12:34 PM");
    check_text("kk KK hh a", 0, "24 00 12 AM");
    check_text(
        "SSSSSS z Z X zzzz",
        THEN,
        "000789 UTC +0000 Z Coordinated Universal Time",
    );
    check_text("''yyyy'' 'o''clock'", THEN, "'2024' o'clock");
    check_text("yyyyy y", -62_135_769_600_000, "00001 1");
    // 29 and 30 December 2024, a Sunday and a Monday; 31 December 2022, a Saturday.
    check_text("YYYY-MM-dd", 1_735_430_400_000, "2025-12-29");
    check_text("YYYY-MM-dd", 1_735_516_800_000, "2025-12-30");
    check_text("YYYY-MM-dd", 1_672_444_800_000, "2022-12-31");
    check_text(&"S".repeat(100), 7, &format!("{:0100}", 7));
}

#[test]
fn texts_are_read_as_java_does() {
    check_instant("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2024-02-29T12:34:56.789Z", Some(THEN));
    check_instant("yyyy-MM-dd HH:mm:ss", "2024-02-29 12:34:56.789", Some(THEN - 789));
    check_instant("yyyyMMddHHmmss", "20240229123456", Some(THEN - 789));
    check_instant("yyyy-MM-dd", "2024-2-30", Some(1_709_251_200_000));
    check_instant("yyyy-MM-dd", "2024-02", None);
    check_instant("yyyy-MM-dd", "yesterday", None);
    check_instant("dd MMM yyyy hh:mm a", "29 feb 2024 01:00 pm", Some(1_709_211_600_000));
    check_instant(
        "yyyy-MM-dd'T'HH:mm:ssX",
        "2024-02-29T12:34:56+02",
        Some(THEN - 789 - 7_200_000),
    );
    check_instant(
        "yyyy-MM-dd'T'HH:mm:ssXXX",
        "2024-02-29T12:34:56+02:30",
        Some(THEN - 789 - 9_000_000),
    );
    check_instant("yyyy-MM-dd'T'HH:mm:ssXXX", "2024-02-29T12:34:56+0230", None);
    check_instant("HH:mmX", "02:00+23", Some(-75_600_000));
    check_instant("HH:mmX", "02:00+24", None);
    check_instant("HH:mmX", "02:00+2h", None);
    check_instant("HH:mm Z", "02:00 -0100", Some(10_800_000));
    check_instant("HH:mm z", "02:00 GMT", Some(7_200_000));
    check_instant("yy", "99", Some(915_148_800_000));
    check_instant("yy", "30", Some(1_893_456_000_000));
    // Six digits are so many milliseconds to it.
    check_instant("ss.SSS", "1.789012", Some(790_012));
    check_instant("yyyy", "é", None);
    // The first week of 2024 begins on 31 December 2023.
    check_instant("YYYY-MM-dd HH", "2024-02-29 12", Some(1_704_024_000_000));
    check_instant("EEE YYYY", "Tue 2024", Some(1_704_153_600_000));
}

#[test]
fn what_is_not_carried_out_is_refused_by_its_letter() {
    for (pattern, part) in [
        ("YY-MM-dd", "y is the year of a date"),
        ("yyyy-'W'ww", "the letter w"),
        ("yyyy-MM-ddThh", "T is no letter"),
        ("XXXX", "more than three X"),
        ("yyyy'T", "not closed"),
        (&"y".repeat(101), "more than 100 y in a row"),
    ] {
        let error = DateFormat::new(pattern, THEN).expect_err(pattern);
        assert!(error.contains(part), "{error}");
    }
}
