//! The two axes of a finding that decide whether it is shown.

use serde::{Deserialize, Serialize};

/// How bad it is if true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Not shown: the rule does not apply to this role.
    Off,
    /// Worth knowing.
    Note,
    /// Makes things worse on some path.
    Warning,
    /// Makes an outage worse, or loses data.
    Error,
}

/// How sure the reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// An excuse may lie where the analysis could not look; shown only when asked for.
    Low,
    /// Something was inferred from a name or a convention.
    Medium,
    /// Everything that the finding rests on was read.
    High,
}

impl Severity {
    /// The word for it, as in JSON and in configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Confidence {
    /// The word for it, as in JSON and in configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}
