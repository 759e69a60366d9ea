//! Compiles the rule files into static tables, so that a start costs nothing and a mistake is a build error.
//!
//! The modules of the crate that are needed for it are compiled in here by path, under the names that they have
//! in the crate.

// What only the program uses of these modules is unused here.
#[allow(dead_code, unused_imports)]
#[path = "src/finding/mod.rs"]
mod finding;
#[allow(dead_code)]
#[path = "src/role.rs"]
mod role;
#[allow(dead_code)]
#[path = "src/rules/compile.rs"]
mod rules;
#[allow(dead_code)]
#[path = "src/span.rs"]
mod span;
#[allow(dead_code)]
#[path = "src/knowledge/vocabulary.rs"]
mod vocabulary;

/// The closed words, where the crate has them.
mod knowledge {
    pub use crate::vocabulary::{EffectKind, FactKind, How, PathClass, SecondRun};
}

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=rules");
    let Some(output) = std::env::var_os("OUT_DIR") else {
        println!("cargo::error=OUT_DIR is not set: this runs as a build script only");
        return;
    };
    let output = Path::new(&output);
    if let Err(problems) = rules::compile(Path::new("rules"), &output.join("rules.rs")) {
        for problem in problems.lines() {
            println!("cargo::error={problem}");
        }
    }
}
