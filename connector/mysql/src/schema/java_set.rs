//! [`java_set_order`]: the order in which a Java `HashSet` of table names iterates.
//!
//! `source.table` of a schema change lists the tables of its statement, and Debezium takes them from such a set: the
//! order follows from the names' hash codes and the number of buckets (`java.util.HashMap`, `java.lang.String.hashCode`).

use crate::table_id::TableId;

/// `tables` without repetitions, in the order of Debezium.
pub fn java_set_order<'a>(tables: impl IntoIterator<Item = &'a TableId>) -> Vec<TableId> {
    let mut set: Vec<TableId> = Vec::new();
    for table in tables {
        if !set.contains(table) {
            set.push(table.clone());
        }
    }
    // The set is copied, and a copy is given room for a third more than it holds.
    let buckets = (set.len() * 4 / 3 + 1).max(16).next_power_of_two();
    set.sort_by_key(|table| bucket(&table.to_string(), buckets));
    set
}

fn bucket(name: &str, buckets: usize) -> usize {
    let hash = name
        .encode_utf16()
        .fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
    (hash ^ (hash >> 16)) as usize & (buckets - 1)
}

#[cfg(test)]
mod tests {
    use super::java_set_order;
    use crate::table_id::TableId;

    #[test]
    fn tables_are_listed_as_a_running_debezium_was_seen_to_list_them() {
        let cases = [
            ("tables_come_and_go", vec!["swap", "a", "b"], "b,a,swap"),
            (
                "tables_come_and_go",
                vec!["like_a", "selected", "no_such"],
                "like_a,selected,no_such",
            ),
            (
                "table_filters",
                vec!["archive", "orders_new", "archive"],
                "orders_new,archive",
            ),
        ];
        for (database, tables, expected) in cases {
            let tables: Vec<TableId> = tables.into_iter().map(|table| TableId::new(database, table)).collect();
            let names: Vec<String> = java_set_order(&tables).into_iter().map(|table| table.table).collect();
            assert_eq!(names.join(","), expected);
        }
    }
}
