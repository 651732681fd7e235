//! [`Table`]: the tables that writers write to.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use crate::mysql::Mysql;

/// A table that writers write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    Integers,
    Composite,
    Texts,
    Keyless,
}

/// All of them.
pub const TABLES: [Table; 4] = [Table::Integers, Table::Composite, Table::Texts, Table::Keyless];

impl Table {
    /// Its name. The big one comes first by name, so that a snapshot is in it for long.
    pub fn name(self) -> &'static str {
        match self {
            Table::Integers => "a_integers",
            Table::Composite => "b_composite",
            Table::Texts => "c_texts",
            Table::Keyless => "d_keyless",
        }
    }

    /// What identifies a row.
    pub fn identity(self) -> &'static [&'static str] {
        match self {
            Table::Integers => &["id"],
            // In key order, which is not the order of the columns.
            Table::Composite => &["region", "seq"],
            Table::Texts => &["code"],
            Table::Keyless => &["tag"],
        }
    }

    /// Whether MySQL knows it as the key.
    pub fn is_keyed(self) -> bool {
        self != Table::Keyless
    }

    /// The part of a row that identifies it.
    pub fn identity_of(self, row: &Value) -> Value {
        Value::Object(
            self.identity()
                .iter()
                .map(|column| ((*column).to_owned(), row[*column].clone()))
                .collect(),
        )
    }

    /// Its rows in `database` as MySQL shows them, by key: what a ledger and a topic must fold to.
    pub async fn select(self, mysql: &Mysql, database: &str) -> Result<BTreeMap<String, Value>> {
        let rows = mysql.rows(&format!("SELECT * FROM {database}.{}", self.name())).await?;
        let by_key = |row| (self.identity_of(&row).to_string(), row);
        Ok(rows.into_iter().map(by_key).collect())
    }

    pub(super) fn definition(self) -> &'static str {
        match self {
            Table::Integers => {
                "CREATE TABLE a_integers (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, note VARCHAR(200))"
            }
            Table::Composite => {
                "CREATE TABLE b_composite (seq INT, version BIGINT NOT NULL, region VARCHAR(8) COLLATE utf8mb4_bin, \
                 note VARCHAR(200), PRIMARY KEY (region, seq))"
            }
            Table::Texts => {
                "CREATE TABLE c_texts (code VARCHAR(40) COLLATE utf8mb4_0900_ai_ci PRIMARY KEY, version BIGINT NOT NULL, \
                 note VARCHAR(200))"
            }
            Table::Keyless => {
                // A unique key over a column that may be NULL is no key of the table; it keeps writers from reading all of it.
                "CREATE TABLE d_keyless (tag BIGINT, version BIGINT NOT NULL, note VARCHAR(200), UNIQUE (tag))"
            }
        }
    }

    /// The identity of row `number`; texts have two that are equal under their collation.
    pub(super) fn key(self, number: i64, shouted: bool) -> Value {
        match self {
            Table::Integers => json!({"id": number}),
            Table::Composite => json!({"region": REGIONS[(number % 7) as usize], "seq": number}),
            Table::Texts if shouted => json!({"code": format!("Ä-{number:06}-KEY")}),
            Table::Texts => json!({"code": format!("ä-{number:06}-key")}),
            Table::Keyless => json!({"tag": number}),
        }
    }
}

const REGIONS: [&str; 7] = ["eu", "EU", "ü", "", "us", "e", "Zz"];
