//! [`CaptureLists`]: the lists by which tables are captured, as a text that an offset can hold.

use uuid::Uuid;

use super::reader::Reader;
use super::regex_list::RegexList;
use super::table_filter::{NameFilter, TableFilter};

const INCLUDED_DATABASES: &str = "database.include.list";
const EXCLUDED_DATABASES: &str = "database.exclude.list";
const INCLUDED_TABLES: &str = "table.include.list";
const EXCLUDED_TABLES: &str = "table.exclude.list";
const WITHOUT_BUILT_IN: &str = "table.ignore.builtin";
/// Of the captured tables those that a snapshot reads.
pub(super) const READ_TABLES: &str = "snapshot.include.collection.list";
const KEYS: [&str; 6] = [
    INCLUDED_DATABASES,
    EXCLUDED_DATABASES,
    INCLUDED_TABLES,
    EXCLUDED_TABLES,
    WITHOUT_BUILT_IN,
    READ_TABLES,
];

/// A longer text is represented by its digest.
const LONGEST_TEXT: usize = 512;
/// Between key and value, and between settings.
const SEPARATOR: char = '\n';

/// The settings that are given, as `key=value` one below the other, or the digest of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureLists(String);

impl CaptureLists {
    pub(super) fn of(reader: &Reader<'_>) -> Self {
        let settings = KEYS.into_iter().filter_map(|key| Some((key, reader.given(key)?)));
        let is_readable = settings.clone().all(|(_, value)| !value.contains(SEPARATOR));
        let settings: Vec<String> = settings.map(|(key, value)| format!("{key}={value}")).collect();
        let text = settings.join("\n");
        CaptureLists(match is_readable && text.len() <= LONGEST_TEXT {
            true => text,
            false => Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).to_string(),
        })
    }

    /// Equal for equal lists.
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// What the lists of such a text capture; `None` if it is a digest.
    pub fn filter(text: &str) -> Option<TableFilter> {
        let mut filter = TableFilter::default();
        for setting in text.split(SEPARATOR).filter(|setting| !setting.is_empty()) {
            let (key, value) = setting.split_once('=')?;
            let list = RegexList::parse(value);
            match key {
                INCLUDED_DATABASES => filter.databases = NameFilter::Include(list.ok()?),
                EXCLUDED_DATABASES => filter.databases = NameFilter::Exclude(list.ok()?),
                INCLUDED_TABLES => filter.tables = NameFilter::Include(list.ok()?),
                EXCLUDED_TABLES => filter.tables = NameFilter::Exclude(list.ok()?),
                WITHOUT_BUILT_IN => filter.built_in_too = value.eq_ignore_ascii_case("false"),
                READ_TABLES => {}
                _ => return None,
            }
        }
        Some(filter)
    }

    /// Which of them a snapshot reads, by the lists of such a text, as it was written.
    pub fn read_tables(text: &str) -> Option<&str> {
        let settings = text.split(SEPARATOR).filter_map(|setting| setting.split_once('='));
        settings
            .into_iter()
            .find_map(|(key, value)| (key == READ_TABLES).then_some(value))
    }
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;

    use super::*;
    use crate::table_id::TableId;

    fn lists(settings: &[(&str, &str)]) -> CaptureLists {
        let config: ConfigMap = settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        CaptureLists::of(&Reader::new(&config))
    }

    #[test]
    fn the_text_captures_what_the_lists_did() {
        let lists = lists(&[
            ("database.include.list", "shop, other"),
            ("table.exclude.list", "shop\\.tmp_.*"),
            ("topic.prefix", "p"),
        ]);
        assert_eq!(
            lists.as_text(),
            "database.include.list=shop, other\ntable.exclude.list=shop\\.tmp_.*"
        );
        let filter = CaptureLists::filter(lists.as_text()).expect("a text");
        let captures = |database: &str, table: &str| filter.captures(&TableId::new(database, table));
        assert!(captures("shop", "orders") && captures("other", "tmp_1"));
        assert!(!captures("shop", "tmp_1") && !captures("third", "orders") && !captures("mysql", "user"));
    }

    #[test]
    fn no_lists_capture_everything_but_what_is_built_in() {
        let filter = CaptureLists::filter(lists(&[]).as_text()).expect("a text");
        assert!(filter.captures(&TableId::new("a", "b")) && !filter.captures(&TableId::new("mysql", "user")));
        let filter = CaptureLists::filter(lists(&[("table.ignore.builtin", "false")]).as_text()).expect("a text");
        assert!(filter.captures(&TableId::new("mysql", "user")));
    }

    #[test]
    fn long_lists_are_known_by_their_digest_alone() {
        let long = vec!["a_database"; 100].join(",");
        let digest = lists(&[("database.include.list", &long)]);
        assert_eq!(digest.as_text().len(), 36);
        assert!(CaptureLists::filter(digest.as_text()).is_none());
        assert_ne!(digest, lists(&[("database.exclude.list", &long)]));
    }
}
