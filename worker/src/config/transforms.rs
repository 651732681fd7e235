//! Transforms and predicates of a connector, refused with the classes that they name.

use connector_api::ConfigMap;

/// What is wrong with `transforms` and `predicates`, after the key: whatever they name is not there.
pub(crate) fn problems(config: &ConfigMap) -> Vec<(&'static str, String)> {
    let wishes = [
        ("transforms", "remove the key, or transform in the consumer"),
        ("predicates", "remove the key with the transforms that refer to it"),
    ];
    wishes
        .into_iter()
        .filter_map(|(key, way_out)| {
            let named = classes(key, config);
            (!named.is_empty()).then(|| (key, format!("{} not supported yet; {way_out}", is_or_are(&named))))
        })
        .collect()
}

/// The class of each alias in the list `key`, with the alias.
fn classes(key: &str, config: &ConfigMap) -> Vec<String> {
    let aliases = config.get(key).map(String::as_str).unwrap_or_default().split(',');
    aliases
        .map(str::trim)
        .filter(|alias| !alias.is_empty())
        .map(|alias| match config.get(&format!("{key}.{alias}.type")) {
            Some(class) => format!("{} (`{key}.{alias}.type`)", class.trim()),
            None => format!("`{alias}` (which has no `{key}.{alias}.type`)"),
        })
        .collect()
}

fn is_or_are(named: &[String]) -> String {
    match named {
        [one] => format!("{one} is"),
        several => format!("{} are", several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;

    use super::problems;

    fn check(pairs: &[(&str, &str)], expected: &[&str]) {
        let config: ConfigMap = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let found: Vec<String> = problems(&config)
            .into_iter()
            .map(|(key, message)| format!("{key}: {message}"))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_not_there_is_named_by_its_class() {
        check(&[("transforms", " , ")], &[]);
        check(
            &[
                ("transforms", "unwrap"),
                ("transforms.unwrap.type", "io.debezium.transforms.ExtractNewRecordState"),
            ],
            &[
                "transforms: io.debezium.transforms.ExtractNewRecordState (`transforms.unwrap.type`) is not supported yet; \
               remove the key, or transform in the consumer",
            ],
        );
        check(
            &[
                ("transforms", "a,b"),
                ("transforms.a.type", "x.A"),
                ("predicates", "p"),
                ("predicates.p.type", "x.P"),
            ],
            &[
                "transforms: x.A (`transforms.a.type`), `b` (which has no `transforms.b.type`) are not supported yet; remove \
                 the key, or transform in the consumer",
                "predicates: x.P (`predicates.p.type`) is not supported yet; remove the key with the transforms that refer \
                 to it",
            ],
        );
    }
}
