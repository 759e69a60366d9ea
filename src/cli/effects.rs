//! `noharm effects`: what scripts would do to this host.

use super::args::{Effects, PlanFormat};
use super::files;
use super::{Answer, json_text};
use crate::report::{Checked, Run, plan};
use crate::source::DiskLoader;

/// Runs the command.
pub fn run(arguments: &Effects) -> Answer {
    let mut jobs = files::gather(&arguments.files, &|_| {});
    let files = jobs.each(&|job, source| {
        let report = job.book().check(&source, job.settings(), &DiskLoader);
        Checked { source, report }
    });
    let err = jobs.remarks().into_bytes();
    let run = Run { files, failures: jobs.failures, mending: None };
    let mut out = Vec::new();
    // Writing into memory cannot fail.
    let written = match arguments.format {
        PlanFormat::Table => plan::table(&run, &mut out),
        PlanFormat::Markdown => plan::markdown(&run, &mut out),
        PlanFormat::Json => {
            out = json_text(&plan::json(&run));
            Ok(())
        }
    };
    debug_assert!(written.is_ok());
    Answer { out, err, failures: run.failures, ..Answer::default() }
}
