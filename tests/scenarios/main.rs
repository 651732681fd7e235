//! Scenarios over real servers: table of contents.
//!
//! | file                     | promise                                                                       |
//! |--------------------------|-------------------------------------------------------------------------------|
//! | [`exactly_once_kernel`]  | a numbered stream survives kills, stops, rivals and foreign transactions        |

mod exactly_once_kernel;
