//! What would change, as `patch` and `git apply` read it.

use similar::TextDiff;
use std::path::Path;

/// The unified diff of one file, bytes kept as they are; empty where the texts are the same.
pub fn unified(path: &Path, before: &[u8], after: &[u8]) -> Vec<u8> {
    if before == after {
        return Vec::new();
    }
    let name = path.to_string_lossy();
    let name = name.trim_start_matches("./").trim_start_matches('/');
    let diff = TextDiff::from_lines(before, after);
    let mut text = Vec::new();
    // Writing into memory cannot fail.
    let written = diff
        .unified_diff()
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .missing_newline_hint(true)
        .to_writer(&mut text);
    debug_assert!(written.is_ok());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(before: &str, after: &str) -> String {
        String::from_utf8_lossy(&unified(Path::new("./x/a.sh"), before.as_bytes(), after.as_bytes())).into_owned()
    }

    #[test]
    fn it_names_both_sides() {
        assert_eq!(diff("a\nb\n", "a\nc\n"), "--- a/x/a.sh\n+++ b/x/a.sh\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
        assert_eq!(diff("a\n", "a\n"), "");
    }

    #[test]
    fn a_missing_last_line_end_is_said() {
        let text = diff("a\nb", "a\nc");
        assert_eq!(
            text,
            "--- a/x/a.sh\n+++ b/x/a.sh\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n"
        );
    }
}
