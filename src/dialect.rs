//! Which shell a text is written for.
//!
//! A leaf: `discover` decides it, `syntax` and `flow` read it.

use serde::{Deserialize, Serialize};

/// The shells that are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// `#!/bin/sh`: POSIX, by whatever shell.
    #[default]
    Sh,
    /// dash.
    Dash,
    /// bash.
    Bash,
    /// ksh and mksh.
    Ksh,
    /// busybox ash.
    Ash,
}

impl Dialect {
    /// The word for it, as in JSON and configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sh => "sh",
            Self::Dash => "dash",
            Self::Bash => "bash",
            Self::Ksh => "ksh",
            Self::Ash => "ash",
        }
    }

    /// Whether `pipefail`, arrays and `[[` are there for certain.
    pub const fn is_bash(self) -> bool {
        matches!(self, Self::Bash)
    }

    /// Whether `{a,b}` is two words.
    pub const fn expands_braces(self) -> bool {
        matches!(self, Self::Bash | Self::Ksh)
    }
}
