//! [`ConfigDef`]: the table of a component's configuration keys, and what follows from it.

/// placeholder until the real table
#[derive(Debug, Default)]
pub struct ConfigDef;
/// placeholder
#[derive(Debug, Default)]
pub struct ConfigValue;
