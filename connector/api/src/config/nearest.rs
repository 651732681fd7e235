//! [`nearest_name`]: the known name that a misspelt one was probably meant to be.

/// The one of `known` that is fewest edits away from `name`, if it is close enough to be a likely slip.
///
/// Close enough is a third of the name's length: `database.include.list` for `databse.includes.list`, nothing for `foo`.
pub fn nearest_name<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).min(8);
    let name = name.to_ascii_lowercase();
    let distances = known
        .into_iter()
        .map(|candidate| (edits_between(&name, candidate), candidate));
    distances
        .filter(|(edits, _)| *edits <= limit)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, by its one-row recurrence.
fn edits_between(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = [
        "database.include.list",
        "database.exclude.list",
        "table.include.list",
        "topic.prefix",
    ];

    #[test]
    fn a_slip_of_the_keyboard_finds_its_key() {
        for (given, meant) in [
            ("databse.includes.list", Some("database.include.list")),
            ("table.includelist", Some("table.include.list")),
            ("TOPIC.PREFIX", Some("topic.prefix")),
            ("database.excluded.list", Some("database.exclude.list")),
            ("bogus", None),
            ("", None),
        ] {
            assert_eq!(nearest_name(given, KNOWN), meant, "{given}");
        }
    }

    #[test]
    fn the_distance_counts_single_edits() {
        for (left, right, edits) in [
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("abc", "abc", 0),
            ("é", "e", 1),
        ] {
            assert_eq!(edits_between(left, right), edits, "{left} {right}");
            assert_eq!(edits_between(right, left), edits, "{right} {left}");
        }
    }
}
