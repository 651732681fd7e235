//! Scenarios over real servers: table of contents.
//!
//! | file                     | promise                                                                       |
//! |--------------------------|-------------------------------------------------------------------------------|
//! | [`exactly_once_kernel`]  | a numbered stream survives kills, stops, rivals and foreign transactions        |
//! | [`ledger`]               | every committed version arrives once, in the snapshot and after it, killed or not |

mod exactly_once_kernel;
mod ledger;
