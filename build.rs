//! The build script: turns rule and knowledge files into static tables, and refuses mistakes in them.

#[path = "src/knowledge/compile.rs"]
mod knowledge;
#[path = "src/knowledge/schema/mod.rs"]
#[allow(dead_code, reason = "the crate uses what the build script does not")]
mod schema;
#[path = "src/knowledge/vocabulary.rs"]
mod vocabulary;

fn main() -> std::process::ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/knowledge");
    let done = knowledge::folders().and_then(|(root, out)| knowledge::compile(&root, &out));
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(mistake) => {
            println!("cargo::error={mistake}");
            std::process::ExitCode::FAILURE
        }
    }
}
