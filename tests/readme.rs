//! The example in the README is what the program prints.

mod support;

use std::process::Command;
use support::{between, root, same_or_update};

#[test]
fn the_example_is_what_is_printed() {
    let output = Command::new(env!("CARGO_BIN_EXE_noharm"))
        .args(["check", "--color", "never", "fixtures/hazard/patroni-callback.sh"])
        .current_dir(root())
        .output()
        .expect("the program was built by cargo for this test");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let block = format!("```text\n{}```\n", String::from_utf8_lossy(&output.stdout));
    let path = root().join("README.md");
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    let Some(generated) = between(&held, "example", &block) else { panic!("README.md has no place for the example") };
    if let Some(problem) = same_or_update(&path, &generated) {
        panic!("{problem}");
    }
}
