//! The `rollgate` binary; everything is in the library.

fn main() -> std::process::ExitCode {
    rollgate::cli::run()
}
