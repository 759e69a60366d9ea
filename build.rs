//! The build script: turns rule and knowledge files into static tables, and refuses mistakes in them.
//!
//! The modules of the crate that are needed for it are compiled in here by path. What only the program uses of
//! them is unused here.

#[allow(dead_code, unused_imports, reason = "the crate uses what the build script does not")]
#[path = "src/finding/mod.rs"]
mod finding;
#[path = "src/knowledge/compile.rs"]
mod knowledge_tables;
#[allow(dead_code, reason = "the crate uses what the build script does not")]
#[path = "src/role.rs"]
mod role;
#[allow(dead_code, reason = "the crate uses what the build script does not")]
#[path = "src/rules/compile.rs"]
mod rules;
#[allow(dead_code, reason = "the crate uses what the build script does not")]
#[path = "src/knowledge/schema/mod.rs"]
mod schema;
#[allow(dead_code, reason = "the crate uses what the build script does not")]
#[path = "src/span.rs"]
mod span;
#[path = "src/knowledge/vocabulary.rs"]
mod vocabulary;

/// The closed words, under the name that they have in the crate.
mod knowledge {
    pub use crate::vocabulary::{EffectKind, FactKind, How, PathClass, SecondRun};
}

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=rules");
    for sources in ["src/finding", "src/knowledge", "src/rules", "src/role.rs", "src/span.rs"] {
        println!("cargo::rerun-if-changed={sources}");
    }
    let done = knowledge_tables::folders().and_then(|(root, out)| {
        knowledge_tables::compile(&root, &out)?;
        // Relative, so that mistakes name files as people do; cargo runs this in the folder of the manifest.
        rules::compile(Path::new("rules"), &out.join("rules.rs"))
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(mistakes) => {
            for mistake in mistakes.lines() {
                println!("cargo::error={mistake}");
            }
            ExitCode::FAILURE
        }
    }
}
