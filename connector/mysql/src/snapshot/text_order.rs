//! The order of text, as far as it can be told without the server.
//!
//! What a collation makes of text is the server's knowledge. But many keys are plain: letters and digits of ASCII, and the
//! hyphens of UUIDs. In the collations named here such text is ordered character by character, hyphen before digits before
//! letters, and the longer text after its beginning, whether or not the collation pads with blanks. (There is no contraction
//! among them, as the `ch` of some languages is, and no weight of a later level.) Compared with the server's answers for all
//! pairs of these characters and some thousands of words.

use std::cmp::Ordering;

/// Collations in which upper and lower case are equal.
const CASELESS: [&str; 11] = [
    "utf8mb4_0900_ai_ci",
    "utf8mb4_general_ci",
    "utf8mb4_unicode_ci",
    "utf8mb4_unicode_520_ci",
    "utf8mb3_general_ci",
    "utf8mb3_unicode_ci",
    "utf8_general_ci",
    "utf8_unicode_ci",
    "latin1_swedish_ci",
    "latin1_general_ci",
    "ascii_general_ci",
];

/// Collations that compare the numbers of characters.
const BY_NUMBER: [&str; 6] = [
    "utf8mb4_0900_bin",
    "utf8mb4_bin",
    "utf8mb3_bin",
    "utf8_bin",
    "latin1_bin",
    "ascii_bin",
];

/// The order of two texts in `collation`; `None` if only the server can tell.
pub(super) fn compare(collation: &str, left: &str, right: &str) -> Option<Ordering> {
    // Equal text is equal in every collation.
    if left == right {
        return Some(Ordering::Equal);
    }
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_plain(left) || !is_plain(right) {
        return None;
    }
    if CASELESS.contains(&collation) {
        let upper = |text: &'_ str| text.bytes().map(|byte| byte.to_ascii_uppercase()).collect::<Vec<u8>>();
        return Some(upper(left).cmp(&upper(right)));
    }
    BY_NUMBER.contains(&collation).then(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering::{Equal, Greater, Less};

    use super::compare;

    #[test]
    fn plain_text_is_ordered_here() {
        for (left, right, caseless, by_number) in [
            ("a", "B", Less, Greater),
            ("A", "a", Equal, Less),
            ("10", "9", Less, Less),
            ("9", "a", Less, Less),
            ("ab", "a", Greater, Greater),
            ("", "a", Less, Less),
            ("6f-1", "6f01", Less, Less),
            ("6F9619FF-8B86", "6f9619ff-8b87", Less, Less),
        ] {
            assert_eq!(
                compare("utf8mb4_0900_ai_ci", left, right),
                Some(caseless),
                "{left} {right}"
            );
            assert_eq!(
                compare("latin1_swedish_ci", left, right),
                Some(caseless),
                "{left} {right}"
            );
            assert_eq!(compare("utf8mb4_bin", left, right), Some(by_number), "{left} {right}");
        }
    }

    #[test]
    fn the_server_orders_the_rest() {
        assert_eq!(compare("utf8mb4_0900_ai_ci", "a b", "a"), None);
        assert_eq!(compare("utf8mb4_0900_ai_ci", "ä", "a"), None);
        assert_eq!(compare("utf8mb4_cs_0900_ai_ci", "ch", "d"), None, "contractions");
        assert_eq!(compare("utf8mb4_0900_as_cs", "a", "A"), None);
        assert_eq!(compare("utf8mb4_cs_0900_ai_ci", "ä", "ä"), Some(Equal));
    }
}
