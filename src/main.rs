//! The command line: arguments to a command, a command to an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    noharm::cli::main()
}
