//! One line a finding, as compilers and `grep` write them: editors and eyes can jump from it.

use super::{Run, escaped};
use std::io::{self, Write};

/// Writes `path:line:column: severity[code] message`.
///
/// # Errors
/// The writer's.
pub fn render(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    for file in &run.files {
        for finding in &file.report.findings {
            let at = file.source.position(finding.span.start);
            let severity = finding.severity.as_str();
            let path = escaped(&file.report.path.display().to_string());
            let message = escaped(&finding.message);
            writeln!(out, "{path}:{}:{}: {severity}[{}] {message}", at.line, at.column, finding.code)?;
        }
    }
    Ok(())
}
