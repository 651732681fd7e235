//! [`TableFilter`] and [`ColumnFilter`]: what is captured and published.
//!
//! The rules are Debezium's: a database passes `database.include.list` or misses `database.exclude.list`, a table likewise
//! as `database.table`, and both must pass. The server's own databases are left out unless `table.ignore.builtin=false`.

use connector_api::pattern::Runaway;
use uuid::Uuid;

use super::regex_list::RegexList;
use crate::error::MySqlError;
use crate::table_id::TableId;

/// The form of an item of `message.key.columns`, as Debezium's text shows it.
const KEY_COLUMNS: &str = r"^\s*([^:]+):([^:,]+(,[^:,]+)*)\s*$";

/// MySQL's own databases.
const BUILT_IN_DATABASES: [&str; 4] = ["mysql", "performance_schema", "sys", "information_schema"];

/// A list that lets names in or keeps names out.
#[derive(Debug, Clone, Default)]
pub enum NameFilter {
    /// No list: every name passes.
    #[default]
    All,
    /// Only names in the list pass.
    Include(RegexList),
    /// Names in the list do not pass.
    Exclude(RegexList),
}

impl NameFilter {
    /// Whether `name` passes.
    pub fn passes(&self, name: &str) -> bool {
        match self {
            NameFilter::All => true,
            NameFilter::Include(list) => list.matches(name),
            NameFilter::Exclude(list) => !list.matches(name),
        }
    }

    /// An expression that could not tell whether a name passes.
    pub(super) fn runaway(&self) -> Option<&Runaway> {
        match self {
            NameFilter::All => None,
            NameFilter::Include(list) | NameFilter::Exclude(list) => list.runaway(),
        }
    }

    /// The filter as text.
    fn text(&self) -> String {
        let joined = |list: &RegexList| list.texts().collect::<Vec<_>>().join(",");
        match self {
            NameFilter::All => "all".to_owned(),
            NameFilter::Include(list) => format!("include {}", joined(list)),
            NameFilter::Exclude(list) => format!("exclude {}", joined(list)),
        }
    }
}

/// Which tables are captured.
#[derive(Debug, Clone, Default)]
pub struct TableFilter {
    /// By the database's name.
    pub databases: NameFilter,
    /// By `database.table`.
    pub tables: NameFilter,
    /// `table.ignore.builtin=false`.
    pub built_in_too: bool,
}

impl TableFilter {
    /// Whether the changes of `table` are captured.
    pub fn captures(&self, table: &TableId) -> bool {
        self.captures_database(&table.database) && self.tables.passes(&table.to_string())
    }

    /// Fails once an expression could not tell whether a table is captured: what was said since then may be wrong.
    pub fn decided(&self) -> Result<(), MySqlError> {
        match self.databases.runaway().or_else(|| self.tables.runaway()) {
            None => Ok(()),
            Some(runaway) => Err(MySqlError::server(format!(
                "{runaway} (database.include.list, database.exclude.list, table.include.list, table.exclude.list)"
            ))),
        }
    }

    /// A short name of this filter, by which a later start recognises it.
    pub fn fingerprint(&self) -> Uuid {
        let text = format!(
            "{}\n{}\n{}",
            self.databases.text(),
            self.tables.text(),
            self.built_in_too
        );
        Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes())
    }

    /// Whether tables of `database` may be captured.
    pub fn captures_database(&self, database: &str) -> bool {
        (self.built_in_too || !is_built_in(database)) && self.databases.passes(database)
    }
}

/// Whether `database` is one of the server's own.
pub fn is_built_in(database: &str) -> bool {
    BUILT_IN_DATABASES
        .iter()
        .any(|built_in| built_in.eq_ignore_ascii_case(database))
}

/// Which columns are published. Columns of the key stay in the key in any case.
#[derive(Debug, Clone, Default)]
pub struct ColumnFilter {
    /// By `database.table.column`.
    pub columns: NameFilter,
}

impl ColumnFilter {
    /// Whether `column` of `table` is part of the row.
    pub fn publishes(&self, table: &TableId, column: &str) -> bool {
        matches!(self.columns, NameFilter::All) || self.columns.passes(&format!("{table}.{column}"))
    }

    /// An expression that could not tell whether a column is published.
    pub fn runaway(&self) -> Option<&Runaway> {
        self.columns.runaway()
    }
}

/// Keys that the user chose with `message.key.columns`.
#[derive(Debug, Clone, Default)]
pub struct CustomKeys {
    columns: RegexList,
}

impl CustomKeys {
    /// Parses `database.table:column,column;..`, where the table is a regular expression.
    ///
    /// # Errors
    /// The part that has another form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut columns = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (table, names) = part
                .split_once(':')
                .filter(|(table, _)| !table.is_empty())
                .filter(|(_, names)| !names.contains(':') && names.split(',').all(|name| !name.is_empty()))
                .ok_or_else(|| format!("{part} has an invalid format (expecting '{KEY_COLUMNS}')"))?;
            let table = table.trim().replace(',', "\\,");
            columns.extend(names.split(',').map(|column| format!("{table}.{}", column.trim())));
        }
        Ok(CustomKeys {
            columns: RegexList::parse(&columns.join(","))?,
        })
    }

    /// Which of these columns are `table`'s key, by position and in the order in which they are configured; none: it has its
    /// own key.
    pub fn choose<'a>(&self, table: &TableId, columns: impl Iterator<Item = &'a str>) -> Vec<usize> {
        let place = |name: &str| self.columns.position(&format!("{table}.{name}"));
        let mut chosen: Vec<(usize, usize)> = columns
            .enumerate()
            .filter_map(|(index, name)| Some((place(name)?, index)))
            .collect();
        chosen.sort_unstable();
        chosen.into_iter().map(|(_, index)| index).collect()
    }

    /// An expression that could not tell whether a column is of the key.
    pub fn runaway(&self) -> Option<&Runaway> {
        self.columns.runaway()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> RegexList {
        RegexList::parse(text).unwrap()
    }

    fn check(filter: &TableFilter, table: &str, expected: bool) {
        let (database, name) = table.split_once('.').unwrap();
        assert_eq!(
            filter.captures(&TableId::new(database, name)),
            expected,
            "{table} with {filter:?}"
        );
    }

    #[test]
    fn without_lists_everything_but_the_servers_own_is_captured() {
        let filter = TableFilter::default();
        check(&filter, "shop.orders", true);
        for own in [
            "mysql.user",
            "SYS.x",
            "performance_schema.y",
            "information_schema.TABLES",
        ] {
            check(&filter, own, false);
            check(
                &TableFilter {
                    built_in_too: true,
                    ..TableFilter::default()
                },
                own,
                true,
            );
        }
    }

    #[test]
    fn a_table_must_pass_both_lists() {
        let filter = TableFilter {
            databases: NameFilter::Include(list("shop|archive")),
            tables: NameFilter::Exclude(list(r"shop\.tmp_.*")),
            built_in_too: false,
        };
        check(&filter, "shop.orders", true);
        check(&filter, "Shop.Orders", true);
        check(&filter, "shop.tmp_1", false);
        check(&filter, "archive.tmp_1", true);
        check(&filter, "crm.orders", false);
    }

    #[test]
    fn a_fingerprint_tells_filters_apart() {
        let of = |databases: NameFilter, tables: NameFilter| {
            TableFilter {
                databases,
                tables,
                built_in_too: false,
            }
            .fingerprint()
        };
        let shop = || NameFilter::Include(list("shop"));
        assert_eq!(of(shop(), NameFilter::All), of(shop(), NameFilter::All));
        assert_ne!(of(shop(), NameFilter::All), of(NameFilter::All, shop()));
        assert_ne!(
            of(shop(), NameFilter::All),
            of(NameFilter::Exclude(list("shop")), NameFilter::All)
        );
        assert_ne!(
            of(shop(), NameFilter::All),
            of(NameFilter::Include(list("shop,crm")), NameFilter::All)
        );
    }

    #[test]
    fn columns_are_filtered_by_their_full_names() {
        let filter = ColumnFilter {
            columns: NameFilter::Exclude(list(r"shop\.users\.password")),
        };
        assert!(!filter.publishes(&TableId::new("shop", "users"), "password"));
        assert!(filter.publishes(&TableId::new("shop", "users"), "id"));
        assert!(filter.publishes(&TableId::new("shop", "orders"), "password"));
    }

    #[test]
    fn a_key_of_another_form_is_named() {
        for (text, part) in [
            ("t", "t has"),
            ("a.b:", "a.b: has"),
            ("a.b:c; c", "c has"),
            ("a:b:c", "a:b:c has"),
            ("a:b,,c", "a:b,,c has"),
        ] {
            assert!(CustomKeys::parse(text).unwrap_err().starts_with(part), "{text}");
        }
    }
}
