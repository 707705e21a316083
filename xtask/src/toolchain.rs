//! Which compiler turns Rust into wasm: the active toolchain if it has the target, else Debian's.
//!
//! What is installed already comes before what would have to be fetched, so that a machine that rustup cannot reach is
//! not made to wait for it every time: active toolchain, Debian's packages, `rustup target add`, `apt-get install`.

use crate::{
    failure::{Failure, Result},
    packages,
    process::{answer, cargo, forget_cargo_run, succeeds_within},
    settings::{Settings, Way},
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The only target there is for a browser without a system interface.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian 12's second, recent compiler, which can live next to rustup's.
const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// About 20 MB on a slow line.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);

/// A compiler that is ready to use.
#[derive(Debug)]
pub(crate) enum Compiler {
    /// The active toolchain has the target's standard library.
    Active,
    /// Debian's compiler builds the standard library from its source; `linker` understands wasm.
    Debian { linker: PathBuf },
}

impl Compiler {
    /// The compiler that `--toolchain` names, else the first that works.
    pub(crate) fn choose(settings: &Settings) -> Result<Self> {
        match settings.way {
            Some(Way::Rustup) if active_has_target() || rustup_adds_target() => Ok(Self::Active),
            Some(Way::Rustup) => Err(nothing_compiles_wasm("--toolchain rustup leaves no other")),
            Some(Way::Debian) => debian().or_else(install_debian),
            None if active_has_target() => Ok(Self::Active),
            None => debian().or_else(|why| {
                if rustup_adds_target() {
                    return Ok(Self::Active);
                }
                install_debian(why)
            }),
        }
    }

    /// For a person.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Active => "the active toolchain",
            Self::Debian { .. } => "Debian's rustc, which builds the standard library too",
        }
    }

    /// `cargo build` for the target, into a target folder of this compiler's own; profile and package are the caller's.
    pub(crate) fn cargo_build(&self, settings: &Settings) -> Command {
        let mut command = match self {
            Self::Active => cargo(settings),
            Self::Debian { linker } => debian_cargo(settings, linker),
        };
        // Flags meant for the native linker (mold and the like) would break this one.
        command
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env("CARGO_TARGET_DIR", self.target_folder(settings))
            .args(["build", "--target", TARGET]);
        if matches!(self, Self::Debian { .. }) {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command
    }

    /// Where `cargo_build` puts what it makes: apart, because each compiler rebuilds what the other left.
    pub(crate) fn target_folder(&self, settings: &Settings) -> PathBuf {
        settings.target.join(match self {
            Self::Active => "wasm",
            Self::Debian { .. } => "wasm-debian",
        })
    }
}

/// Debian's cargo and rustc. Run through rustup, this tool has inherited variables which would send the child back to
/// rustup's compiler and libraries; `RUSTC_BOOTSTRAP` lets a stable compiler use `-Zbuild-std`.
fn debian_cargo(settings: &Settings, linker: &Path) -> Command {
    let mut command = Command::new("/usr/bin/cargo");
    forget_cargo_run(&mut command);
    for name in [
        "RUSTUP_TOOLCHAIN",
        "RUSTUP_HOME",
        "CARGO",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "LD_LIBRARY_PATH",
    ] {
        command.env_remove(name);
    }
    command
        .current_dir(&settings.root)
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTDOC", "/usr/bin/rustdoc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    command
}

/// The library folder of a target exists only if its standard library is installed; `rustc` names it in any case.
fn active_has_target() -> bool {
    let folder = answer(rustc().args(["--print", "target-libdir", "--target", TARGET]));
    let Some(files) = folder.and_then(|folder| fs::read_dir(folder).ok()) else {
        return false;
    };
    files
        .flatten()
        .any(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
}

fn rustup_adds_target() -> bool {
    if answer(Command::new("rustup").arg("--version")).is_none() {
        return false;
    }
    eprintln!("  the active toolchain cannot make wasm yet; asking rustup for the target");
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add", TARGET])
        .env("RUST_BACKTRACE", "0");
    let added = succeeds_within(&mut rustup, RUSTUP_LIMIT);
    if !added {
        eprintln!("  rustup could not add it");
    }
    added && active_has_target()
}

/// Debian's compiler if all of it is here, else the reason why not.
fn debian() -> std::result::Result<Compiler, String> {
    let mut rustc = Command::new("/usr/bin/rustc");
    rustc.env_remove("LD_LIBRARY_PATH");
    let version = answer(rustc.arg("--version")).and_then(|text| release(&text));
    let needed = release(concat!("rustc ", env!("CARGO_PKG_RUST_VERSION")));
    match version {
        None => return Err("there is no /usr/bin/rustc".to_owned()),
        Some(version) if Some(version) < needed => {
            let (major, minor) = version;
            let needed = env!("CARGO_PKG_RUST_VERSION");
            return Err(format!(
                "/usr/bin/rustc is {major}.{minor} and Tickwire needs {needed}"
            ));
        }
        Some(_) => {}
    }
    let mut sysroot = Command::new("/usr/bin/rustc");
    sysroot
        .env_remove("LD_LIBRARY_PATH")
        .args(["--print", "sysroot"]);
    let source = answer(&mut sysroot)
        .map(|root| Path::new(&root).join("lib/rustlib/src/rust/library/Cargo.lock"));
    if !Path::new("/usr/bin/cargo").exists() {
        return Err("there is no /usr/bin/cargo".to_owned());
    }
    if !source.is_some_and(|lock| lock.exists()) {
        return Err("the source of Debian's standard library is missing".to_owned());
    }
    let linker = wasm_linker().ok_or("there is no linker for wasm (rust-lld or wasm-ld)")?;
    Ok(Compiler::Debian { linker })
}

fn install_debian(why: String) -> Result<Compiler> {
    if !packages::can_install() {
        return Err(nothing_compiles_wasm(&why));
    }
    packages::install(&PACKAGES, "compiling to wasm")?;
    debian().map_err(|why| nothing_compiles_wasm(&why))
}

/// The `rust-lld` that comes with every toolchain of rustup, else Debian's newest. Always the same one is found first,
/// because cargo rebuilds everything when the linker changes.
fn wasm_linker() -> Option<PathBuf> {
    let bundled = answer(rustc().args(["--print", "sysroot"])).and_then(|root| {
        let hosts = fs::read_dir(Path::new(&root).join("lib/rustlib")).ok()?;
        hosts
            .flatten()
            .map(|host| host.path().join("bin/rust-lld"))
            .find(|linker| linker.exists())
    });
    bundled.or_else(|| {
        (20..40)
            .rev()
            .map(|version| PathBuf::from(format!("/usr/bin/wasm-ld-{version}")))
            .find(|linker| linker.exists())
    })
}

/// The active toolchain's compiler.
fn rustc() -> Command {
    Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

fn nothing_compiles_wasm(why: &str) -> Failure {
    Failure::new(
        format!("no compiler for {TARGET}"),
        format!("the active Rust toolchain has no such target, rustup did not add it, and {why}"),
        format!(
            "one of the two, then the same command again:\n         rustup target add {TARGET}\n         {}",
            packages::advice(&PACKAGES)
        ),
    )
}

/// Major and minor of "rustc 1.96.0 (…)".
fn release(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix("rustc ")?.split(['.', '-', ' ']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::release;

    #[test]
    fn the_release_of_a_compiler_is_read_from_its_version() {
        assert_eq!(
            release("rustc 1.96.0 (ac68faa20 2026-05-25)"),
            Some((1, 96))
        );
        assert_eq!(release("rustc 1.95"), Some((1, 95)));
        assert_eq!(release("gcc 12.2.0"), None);
        assert!(release("rustc 1.100.0-nightly") > release("rustc 1.95.0"));
    }
}
