//! Definitions of tables for a stored offset that the schema history does not have: from the server, if they are still those of
//! the offset (`snapshot.mode=recovery`).

use connector_api::ConnectError;
use tracing::info;

use super::start::{Known, Starter};
use crate::captured::CapturedTables;
use crate::error::MySqlError;
use crate::position::MySqlOffset;
use crate::streaming::{AlterationReader, stream_options};

impl Starter {
    /// Writes the definitions that the server has to the schema history, as those of `offset`.
    ///
    /// # Errors
    /// If a captured table was altered behind `offset`: rows in between would be read with a definition that is not theirs.
    pub(super) fn rebuilt(&self, offset: &MySqlOffset) -> Result<Known, ConnectError> {
        let (view, discovered) = self.view()?;
        view.session.close();
        let context = self.record_context();
        let mut definitions = self.definitions(discovered.model, self.history()?, &context);
        let altered = AlterationReader {
            options: stream_options(&self.parts.config, self.parts.server_id, self.parts.replica_uuid),
            sources: &self.parts.config.gtid_sources,
            definitions: &definitions,
            is_stopping: &|| self.parts.context.is_stopping(),
        }
        .first_between(&offset.position, &view.position)?;
        if let Some(place) = altered {
            return Err(MySqlError::schema(format!(
                "the schema history cannot be written anew: a statement at {place} has changed captured tables since the stored \
                 offset, so the server's definitions are not those of the rows before it; set snapshot.mode=initial to go on \
                 with the history as it is, or delete the connector's offsets and take a new snapshot"
            ))
            .at(&place)
            .into());
        }
        definitions.record(&discovered.statements, offset)?;
        info!(
            statements = discovered.statements.len(),
            "wrote the schema history anew from the server's definitions, which are those of the stored offset"
        );
        Ok((definitions, CapturedTables::new(context)))
    }
}
