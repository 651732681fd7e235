//! [`Rules`]: which fields of which tables and topics are converted (`include.list`, `exclude.list`).

/// The fields of a record that are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice<'r> {
    None,
    /// Of both rows.
    All,
    Only(&'r [String]),
    AllBut(&'r [String]),
}

/// Rules of one list.
pub(super) struct Rules {
    pub(super) is_exclusion: bool,
    pub(super) rules: Vec<Rule>,
}

/// A rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    kind: Kind,
    name: String,
    fields: Vec<String>,
}

/// What a rule's name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Topic,
    Table,
    Either,
}

impl Rules {
    /// A prefix, `topic:` or `source:`, holds for the rules behind it, too.
    ///
    /// # Errors
    /// Which entry is no rule.
    pub(super) fn parse(entries: &[String]) -> Result<Vec<Rule>, String> {
        let mut rules: Vec<Rule> = Vec::new();
        let mut common = Kind::Either;
        for (at, entry) in entries.iter().enumerate() {
            let parts: Vec<&str> = entry.split(':').map(str::trim).collect();
            let prefix = match parts[0] {
                "source" => Some(Kind::Table),
                "topic" => Some(Kind::Topic),
                _ => None,
            };
            let (name, field) = match (prefix, parts.as_slice()) {
                (Some(_), [_, name]) => (*name, None),
                (Some(_), [_, name, field]) if at == 0 => (*name, Some(*field)),
                (None, [name, field]) => (*name, Some(*field)),
                (None, [name]) if at > 0 => (*name, None),
                _ => return Err(wrong(entry)),
            };
            let is_name = |text: &str| {
                !text.is_empty()
                    && text
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '"' | ' '))
            };
            if !is_name(name) || !field.is_none_or(is_name) {
                return Err(wrong(entry));
            }
            common = prefix.unwrap_or(common);
            let known = rules.iter().position(|rule| rule.kind == common && rule.name == name);
            let index = known.unwrap_or_else(|| {
                rules.push(Rule {
                    kind: common,
                    name: name.to_owned(),
                    fields: Vec::new(),
                });
                rules.len() - 1
            });
            rules[index].fields.extend(field.map(str::to_owned));
        }
        Ok(rules)
    }

    /// What is converted of a record.
    pub(super) fn choose(&self, topic: &str, table: Option<&str>) -> Choice<'_> {
        let find = |kind, name: &str| self.rules.iter().find(|rule| rule.kind == kind && rule.name == name);
        let found = find(Kind::Topic, topic)
            .or_else(|| find(Kind::Table, table?))
            .or_else(|| find(Kind::Either, topic))
            .or_else(|| find(Kind::Either, table?));
        match (found.map(|rule| rule.fields.as_slice()), self.is_exclusion) {
            (None, true) => Choice::All,
            (None, false) if self.rules.is_empty() => Choice::All,
            (None, false) | (Some([]), true) => Choice::None,
            (Some([]), false) => Choice::All,
            (Some(fields), false) => Choice::Only(fields),
            (Some(fields), true) => Choice::AllBut(fields),
        }
    }
}

fn wrong(entry: &str) -> String {
    format!(
        "`{entry}` is no rule: the first one is source:TABLE, topic:TOPIC, either with :FIELD behind it, or NAME:FIELD; those behind it \
         are NAME, NAME:FIELD, source:TABLE or topic:TOPIC"
    )
}

#[cfg(test)]
mod tests {
    use super::{Choice, Rules};

    #[track_caller]
    fn check(entries: &str, is_exclusion: bool, topic: &str, table: &str, expected: Choice<'_>) {
        let entries: Vec<String> = entries.split(',').map(|entry| entry.trim().to_owned()).collect();
        let rules = Rules {
            is_exclusion,
            rules: Rules::parse(&entries).expect("rules"),
        };
        assert_eq!(rules.choose(topic, Some(table)), expected);
    }

    #[test]
    fn rules_choose_by_topic_and_by_table() {
        let (a, b) = (["a".to_owned()], ["b".to_owned()]);
        check("source:t", false, "p.d.t", "t", Choice::All);
        check("source:t:a", false, "p.d.t", "t", Choice::Only(&a));
        check("source:t:a", false, "p.d.t", "u", Choice::None);
        check("source:t:a", true, "p.d.t", "t", Choice::AllBut(&a));
        check("source:t:a", true, "p.d.t", "u", Choice::All);
        check("source:t", true, "p.d.t", "t", Choice::None);
        check("source:t:a, u:b", false, "p.d.u", "u", Choice::Only(&b));
        check("topic:p.d.t", false, "p.d.t", "t", Choice::All);
        check("t:a", false, "p.d.t", "t", Choice::Only(&a));
        check("source:t:a, topic:p.d.t", false, "p.d.t", "t", Choice::All);
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for entry in ["t", "", "source:t:a:b", "other:t:a", "source:t-x", "source:"] {
            assert!(Rules::parse(&[entry.to_owned()]).is_err(), "{entry}");
        }
    }
}
