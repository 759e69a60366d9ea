//! A name for a finding that stays the same when lines move.
//!
//! Made of the rule's code, the file's name, what the finding is about, and which of several equal ones it is:
//! no line, no column, no message, no directory.

use crate::finding::Finding;
use std::collections::HashMap;
use std::path::Path;

/// Sixteen hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u64);

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

/// The fingerprints of a file's findings, which stand in order of position.
pub fn of_all(path: &Path, findings: &[Finding]) -> Vec<Fingerprint> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut seen: HashMap<(&str, &str), u32> = HashMap::new();
    let of_one = |finding| {
        let Finding { code, subject, .. }: &Finding = finding;
        let ordinal = seen.entry((code, subject)).and_modify(|count| *count += 1).or_insert(0);
        Fingerprint(hash(&[code, &name, subject, &ordinal.to_string()]))
    };
    findings.iter().map(of_one).collect()
}

/// FNV-1a: fixed for all time and all machines, as the standard library's hasher is not.
fn hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain(std::iter::once(0)));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_never_changes() {
        assert_eq!(format!("{}", Fingerprint(hash(&["NH301", "a.sh", "nginx", "0"]))), "432ef873f78fb50f");
    }
}
