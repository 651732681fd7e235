//! [`Indexes`]: the indexes of a table, as far as they decide which columns are its key.
//!
//! The key of a table's records is its primary key, or else the first unique index whose columns are all NOT NULL, in the
//! order in which the server keeps its indexes and `SHOW CREATE TABLE` prints them. Which one that is can change without a
//! word about keys: a column becomes nullable, an index is dropped. So all unique ones are remembered, and the names of the
//! others, because an index without a name takes the first one that is free.

use super::column_rules::{position_of, same_name};
use super::ddl::{Key, KeyKind};
use super::table::Column;

/// What the server calls the primary key.
const PRIMARY: &str = "PRIMARY";

/// The indexes of a table, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Indexes(Vec<Index>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Index {
    name: String,
    kind: KeyKind,
    /// `None` if there are expressions among them.
    columns: Option<Vec<String>>,
    has_prefix: bool,
}

impl Indexes {
    /// Those of a table of which no more is known than its key: it counts as the primary key.
    pub(super) fn of_key(key: &[String]) -> Self {
        let primary = (!key.is_empty()).then(|| Index {
            name: PRIMARY.to_owned(),
            kind: KeyKind::Primary,
            columns: Some(key.to_vec()),
            has_prefix: false,
        });
        Indexes(primary.into_iter().collect())
    }

    /// Adds an index. One without a name gets the name of its first column, with a number if that is taken
    /// (`make_unique_key_name` in `sql_table.cc`).
    pub(super) fn add(&mut self, key: &Key) {
        let name = match (key.kind, &key.name) {
            (KeyKind::Primary, _) => PRIMARY.to_owned(),
            (_, Some(name)) => name.clone(),
            (_, None) => self.free_name(key.columns.as_ref().and_then(|columns| columns.first())),
        };
        self.0.push(Index {
            name,
            kind: key.kind,
            columns: key.columns.clone(),
            has_prefix: key.has_prefix,
        });
    }

    fn free_name(&self, first_column: Option<&String>) -> String {
        let base = first_column.map_or("functional_index", String::as_str);
        let is_free =
            |name: &String| !same_name(name, PRIMARY) && !self.0.iter().any(|index| same_name(&index.name, name));
        let numbered = (2_u32..).map(|number| format!("{base}_{number}"));
        let mut names = std::iter::once(base.to_owned()).chain(numbered);
        names.find(is_free).expect("there are more numbers than indexes")
    }

    /// Takes the index called `name` away, if there is one.
    pub(super) fn drop(&mut self, name: &str) {
        self.0.retain(|index| !same_name(&index.name, name));
    }

    /// Gives an index another name.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        for index in self.0.iter_mut().filter(|index| same_name(&index.name, from)) {
            to.clone_into(&mut index.name);
        }
    }

    /// Gives columns the names that they have now; those that have none are gone, and with their last column indexes.
    pub(super) fn rename_columns(&mut self, new_name: impl Fn(&String) -> Option<String>) {
        for columns in self.0.iter_mut().filter_map(|index| index.columns.as_mut()) {
            *columns = columns.iter().filter_map(&new_name).collect();
        }
        self.0
            .retain(|index| index.columns.as_ref().is_none_or(|columns| !columns.is_empty()));
    }

    /// Whether `column` is part of the primary key, and so NOT NULL whatever its declaration says.
    pub(super) fn is_primary(&self, column: &str) -> bool {
        let mut primary = self.0.iter().filter(|index| index.kind == KeyKind::Primary);
        primary.any(|index| index.has(column))
    }

    /// Puts the indexes in the order in which the server keeps them, as it does after each statement, and answers the key.
    pub(super) fn settle(&mut self, columns: &[Column]) -> Vec<String> {
        self.0.sort_by_key(|index| index.rank(columns));
        self.key(columns)
    }

    /// The key of a table with these columns, in key order.
    pub(super) fn key(&self, columns: &[Column]) -> Vec<String> {
        let first = self.0.iter().min_by_key(|index| index.rank(columns));
        first.and_then(|index| index.key(columns)).unwrap_or_default()
    }
}

/// How far in front the server keeps an index (`sort_keys` in `sql_table.cc`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Primary,
    Unique { has_prefix: bool },
    UniqueWithNulls { has_prefix: bool },
    Other,
}

impl Index {
    fn has(&self, column: &str) -> bool {
        let columns = self.columns.as_deref().unwrap_or_default();
        columns.iter().any(|name| same_name(name, column))
    }

    fn rank(&self, columns: &[Column]) -> Rank {
        let has_prefix = self.has_prefix;
        match self.kind {
            KeyKind::Primary => Rank::Primary,
            KeyKind::Unique if self.not_null_columns(columns).is_some() => Rank::Unique { has_prefix },
            KeyKind::Unique => Rank::UniqueWithNulls { has_prefix },
            KeyKind::Other => Rank::Other,
        }
    }

    /// Its columns, if they can be a table's key.
    fn key(&self, columns: &[Column]) -> Option<Vec<String>> {
        match self.kind {
            KeyKind::Primary | KeyKind::Unique => self.not_null_columns(columns),
            KeyKind::Other => None,
        }
    }

    /// Its columns as the table spells them, if it has no others than columns and all of them are NOT NULL.
    fn not_null_columns(&self, columns: &[Column]) -> Option<Vec<String>> {
        let spelled = |name: &String| {
            let column = columns.get(position_of(columns, name)?)?;
            (!column.optional).then(|| column.name.clone())
        };
        self.columns.as_ref()?.iter().map(spelled).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::ddl::KeyKind::{Other, Primary, Unique};

    fn key(kind: KeyKind, name: Option<&str>, columns: &[&str]) -> Key {
        Key {
            kind,
            name: name.map(str::to_owned),
            columns: Some(columns.iter().map(ToString::to_string).collect()),
            has_prefix: false,
        }
    }

    fn indexes(keys: &[Key]) -> Indexes {
        let mut indexes = Indexes::default();
        keys.iter().for_each(|key| indexes.add(key));
        indexes
    }

    #[test]
    fn an_index_without_a_name_takes_the_first_that_is_free() {
        let expression = Key {
            columns: None,
            ..key(Unique, None, &[])
        };
        let named = indexes(&[
            key(Other, None, &["a"]),
            key(Unique, None, &["A", "b"]),
            key(Unique, Some("b"), &["c"]),
            key(Unique, None, &["b"]),
            key(Unique, None, &["primary"]),
            expression.clone(),
            expression,
            key(Primary, Some("p"), &["x"]),
        ]);
        let names: Vec<_> = named.0.iter().map(|index| index.name.as_str()).collect();
        let expected = [
            "a",
            "A_2",
            "b",
            "b_2",
            "primary_2",
            "functional_index",
            "functional_index_2",
            "PRIMARY",
        ];
        assert_eq!(names, expected);
    }
}
