//! The command line: arguments to a command, a command to an exit code.

use std::process::ExitCode;

/// A script becomes millions of small pieces; the allocator of the system finds room for them much more slowly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    noharm::cli::main()
}
