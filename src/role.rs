//! Why a script runs: the word that decides how bad a hazard is.
//!
//! A leaf without logic: `discover` gives a hint, `effects` decides, `policy` reads the severity table.

use serde::{Deserialize, Serialize};

/// Why a script runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Notify, promote, demote, follow, callback, cluster resource agent.
    Failover,
    /// Every start of a container or, as an init script, of a service; a hook of an event, such as an interface that
    /// comes up.
    Entrypoint,
    /// Provisioning, cloud-init, user data.
    Config,
    /// Deployment of an application.
    Deploy,
    /// Package maintainer script.
    Maintainer,
    /// Restore of data.
    Restore,
    /// Cron, timers.
    Scheduled,
    /// Continuous integration.
    Ci,
    /// Image build: each step runs once.
    Build,
    /// Sourced by others.
    Library,
    /// Not known; judged like `config`.
    #[default]
    Unknown,
}

impl Role {
    /// Every role, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::Failover,
        Self::Entrypoint,
        Self::Config,
        Self::Deploy,
        Self::Maintainer,
        Self::Restore,
        Self::Scheduled,
        Self::Ci,
        Self::Build,
        Self::Library,
        Self::Unknown,
    ];

    /// The word for it, as in JSON, rule files and configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failover => "failover",
            Self::Entrypoint => "entrypoint",
            Self::Config => "config",
            Self::Deploy => "deploy",
            Self::Maintainer => "maintainer",
            Self::Restore => "restore",
            Self::Scheduled => "scheduled",
            Self::Ci => "ci",
            Self::Build => "build",
            Self::Library => "library",
            Self::Unknown => "unknown",
        }
    }
}
