//! `/connector-plugins`: what can be run, and which configurations it takes.

use axum::Json;
use axum::extract::{Path, RawQuery};
use axum::response::{IntoResponse, Response};
use schemas::converter::class_names;

use super::body::{JsonObject, config_values, flag, query};
use super::entities::PluginInfo;
use super::error::ApiError;
use super::server::Herder;
use crate::config::connector_keys::{CONNECT_VERSION, Defaults, connector_keys};
use crate::config::header_converter;
use crate::connector_plugins::is_same_plugin;
use crate::transforms::classes::{Class, DEBEZIUM, PREDICATES, TRANSFORMS};

/// `GET /connector-plugins`: connectors, and with `connectorsOnly=false` converters, transforms and predicates too.
pub(super) async fn list(Herder(herder): Herder, RawQuery(text): RawQuery) -> Response {
    let connectors = herder.plugins().iter().map(|plugin| PluginInfo {
        class: plugin.class(),
        kind: "source",
        version: Some(plugin.version()),
    });
    let mut plugins: Vec<PluginInfo> = connectors.collect();
    if flag(&query(text.as_deref()), "connectorsOnly") == Some(false) {
        plugins.extend(class_names().map(|class| PluginInfo {
            class,
            kind: "converter",
            version: version_of(class),
        }));
        plugins.extend(header_converter::class_names().map(|class| PluginInfo {
            class,
            kind: "header_converter",
            version: version_of(class),
        }));
        plugins.extend(TRANSFORMS.iter().map(|class| of_class(class, "transformation")));
        plugins.extend(PREDICATES.iter().map(|class| of_class(class, "predicate")));
    }
    Json(plugins).into_response()
}

/// Confluent's converter reports none.
fn version_of(converter: &str) -> Option<&'static str> {
    match converter {
        kafkas if kafkas.starts_with("org.apache.kafka.") => Some(CONNECT_VERSION),
        debeziums if debeziums.starts_with("io.debezium.") => Some(DEBEZIUM),
        _ => None,
    }
}

fn of_class<T>(class: &'static Class<T>, kind: &'static str) -> PluginInfo {
    PluginInfo {
        class: class.name,
        kind,
        version: Some(class.version),
    }
}

/// `GET /connector-plugins/{plugin}/config`: the plugin's keys, then those that the worker reads for any.
pub(super) async fn config(Herder(herder): Herder, Path(plugin): Path<String>) -> Result<Response, ApiError> {
    match herder.plugins().find(&plugin) {
        Some(found) => {
            let workers = connector_keys(&Defaults {
                plugin_version: found.version(),
                worker: None,
            });
            Ok(Json(found.config_def().merged(&workers).infos()).into_response())
        }
        None => Err(ApiError::not_found(format!("Unknown plugin {plugin}."))),
    }
}

/// `PUT /connector-plugins/{plugin}/config/validate`: 200 also with errors, which forms show per key.
pub(super) async fn validate(
    Herder(herder): Herder,
    Path(plugin): Path<String>,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    let values = config_values(body)?;
    let config: connector_api::ConfigMap = values
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect();
    if let Some(class) = config.get("connector.class")
        && !is_same_plugin(class, &plugin)
    {
        return Err(ApiError::bad_request(format!(
            "Included connector type {class} does not match request type {plugin}"
        )));
    }
    Ok(Json(herder.validate(config).await?.infos()).into_response())
}
