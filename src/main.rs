//! The program: see [`handbill::cli`].

fn main() -> std::process::ExitCode {
    handbill::cli::main()
}
