//! The rows that are compiled in, as the build script wrote them.
//!
//! It holds data only.

#![allow(clippy::all, clippy::pedantic, reason = "written by the build script")]

use super::schema::model::*;
use super::vocabulary::*;
use std::borrow::Cow;

include!(concat!(env!("OUT_DIR"), "/knowledge.rs"));
