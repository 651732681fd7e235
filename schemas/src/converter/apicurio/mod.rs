//! Apicurio's converters: [`ApicurioAvroConverter`] (`io.apicurio.registry.utils.converter.AvroConverter`) and
//! [`ExtJsonConverter`].
//!
//! There are two of each: those of version 2 speak version 2 of the registry's API only, those of version 3 speak both. What
//! they do differs where nothing else is configured:
//!
//! | API   | the id of Avro                             | of JSON                 | Avro schemas                  |
//! |-------|--------------------------------------------|-------------------------|-------------------------------|
//! | `/v2` | the `globalId`, in a header of eight bytes | `schemaId`: `globalId`  | as a whole                    |
//! | `/v3` | 0, then the `contentId` in four bytes      | `schemaId`: `contentId` | in pieces that name each other |
//!
//! So the address tells whose records are to be written; `use-id`, `headers.enabled`, `id-handler` and `dereference-schema`
//! say otherwise where a converter of version 3 has been used with version 2 of the API.

mod avro;
mod id_form;
mod json;
mod keys;

use std::collections::BTreeMap;

pub use avro::ApicurioAvroConverter;
pub(super) use avro::ApicurioAvroSettings;
pub use json::ExtJsonConverter;
pub(super) use json::ExtJsonSettings;
pub(super) use keys::{Fate, fate_of_avro, fate_of_json};

/// What an address says of the records, where nothing else does.
pub(super) fn of_version_2(settings: &BTreeMap<String, String>) -> Option<String> {
    let text = |key: &str| settings.get(key).map(String::as_str).unwrap_or_default();
    let is_version_2 = match text("apicurio.registry.url.version")
        .trim()
        .trim_start_matches(['v', 'V'])
    {
        "" => text("apicurio.registry.url").contains("/apis/registry/v2"),
        version => version.starts_with('2'),
    };
    let is_said = settings.contains_key("apicurio.registry.use-id");
    (is_version_2 && !is_said).then(|| {
        "apicurio.registry.url is of version 2 of the registry's API, so records are those of Apicurio's converters of version 2 \
         (apicurio.registry.use-id=globalId; that of Avro in a header). For those of version 3 set \
         apicurio.registry.use-id=contentId and, with Avro, apicurio.registry.headers.enabled=false, \
         apicurio.registry.id-handler=Default4ByteIdHandler and apicurio.registry.dereference-schema=false"
            .to_owned()
    })
}

#[cfg(test)]
mod tests;
