//! From a Rust crate to a wasm file and the JavaScript around it.

use crate::{
    failure::{Failure, Result},
    plan::Outcome,
    process::{self, locked},
    settings::Settings,
    sizes::Size,
    toolchain::{Compiler, TARGET},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Instant, UNIX_EPOCH},
};
use wasm_bindgen_cli_support::Bindgen;

/// Written next to the bindings: what they were made from, so that an unchanged wasm is not bound again.
const ORIGIN: &str = ".made-from";

/// Who loads the bindings.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Loader {
    /// A browser: an ES module with an `init` function.
    Browser,
    /// Node: a CommonJS module that loads its wasm itself.
    Node,
}

/// A crate that becomes wasm.
pub(crate) struct Module {
    /// The package; its library must be a cdylib.
    pub(crate) package: &'static str,
    /// What its files are called: `<name>.js`, `<name>.d.ts`, `<name>_bg.wasm`.
    pub(crate) name: &'static str,
    /// The folder for the bindings, all of it generated.
    pub(crate) out: PathBuf,
    /// Who loads it.
    pub(crate) loader: Loader,
}

impl Module {
    /// The browser bindings of the demo.
    pub(crate) fn demo(settings: &Settings) -> Self {
        Self {
            package: "tickwire-client-demo-wasm",
            name: "arena",
            out: settings.web().join("src/wasm"),
            loader: Loader::Browser,
        }
    }

    /// The JavaScript to import.
    pub(crate) fn javascript(&self) -> PathBuf {
        self.out.join(format!("{}.js", self.name))
    }

    fn wasm(&self) -> PathBuf {
        self.out.join(format!("{}_bg.wasm", self.name))
    }

    /// The file that the compiler makes from the package.
    fn compiled(&self) -> String {
        format!("{}.wasm", self.package.replace('-', "_"))
    }
}

/// Compiles the module and generates its bindings where they are out of date; the remark is its size.
pub(crate) fn build(settings: &Settings, module: &Module) -> Result<Outcome> {
    let compiler = Compiler::choose(settings)?;
    eprintln!("  compiling {} with {}", module.package, compiler.name());
    let raw = compile(settings, &compiler, module)?;
    let origin = origin(&raw)?;
    let stamp = module.out.join(ORIGIN);
    let fresh = fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == origin)
        && module.javascript().exists();
    if fresh {
        eprintln!("  the bindings are up to date");
    } else {
        let start = Instant::now();
        bind(settings, module, &raw)?;
        fs::write(&stamp, origin).map_err(|error| Failure::file("write", &stamp, &error))?;
        let seconds = start.elapsed().as_secs_f64();
        eprintln!(
            "  bindings generated in {} ({seconds:.1} s)",
            module.out.display()
        );
    }
    Ok(Outcome::Done(format!(
        "wasm {}",
        Size::of(&[module.wasm()])?
    )))
}

/// Returns the wasm as the compiler leaves it.
fn compile(settings: &Settings, compiler: &Compiler, module: &Module) -> Result<PathBuf> {
    let (profile, folder) = if settings.dev {
        ("dev", "debug")
    } else {
        ("wasm", "wasm")
    };
    let mut command = compiler.cargo_build(settings);
    command
        .args(["--profile", profile, "--package", module.package, "--lib"])
        .args(locked(settings));
    process::run(
        &mut command,
        "repair what the compiler names, then run the command again",
    )?;
    let raw = compiler
        .target_folder(settings)
        .join(TARGET)
        .join(folder)
        .join(module.compiled());
    if raw.exists() {
        return Ok(raw);
    }
    Err(Failure::new(
        format!("{} became no wasm", module.package),
        format!("cargo succeeded, but there is no {}", raw.display()),
        "give its library `crate-type = [\"cdylib\", \"rlib\"]`",
    ))
}

fn bind(settings: &Settings, module: &Module, raw: &Path) -> Result {
    fs::create_dir_all(&module.out)
        .map_err(|error| Failure::file("create", &module.out, &error))?;
    let mut bindgen = Bindgen::new();
    let loader = match module.loader {
        Loader::Browser => bindgen.web(true),
        Loader::Node => bindgen.nodejs(true),
    };
    loader
        .map(|bindgen| {
            bindgen
                .input_path(raw)
                .out_name(module.name)
                .typescript(true)
                // A bundler finds the wasm by its URL relative to the module and gives it a hashed name.
                .omit_default_module_path(false)
                .remove_name_section(!settings.dev)
                .remove_producers_section(!settings.dev)
        })
        .and_then(|bindgen| bindgen.generate(&module.out))
        .map_err(|error| {
            Failure::new(
                format!("wasm-bindgen refused {}", raw.display()),
                format!("{error:#}"),
                "if it speaks of versions: `cargo update -p wasm-bindgen -p wasm-bindgen-cli-support`; both must be equal",
            )
        })
}

/// Names one version of the file: it changes whenever the compiler writes the file again.
fn origin(raw: &Path) -> Result<String> {
    let facts = fs::metadata(raw).and_then(|facts| Ok((facts.len(), facts.modified()?)));
    let (bytes, changed) = facts.map_err(|error| Failure::file("read", raw, &error))?;
    let nanos = changed
        .duration_since(UNIX_EPOCH)
        .map_or(0, |age| age.as_nanos());
    Ok(format!("{} {bytes} bytes {nanos} ns\n", raw.display()))
}

#[cfg(test)]
mod tests {
    use super::{Loader, Module};
    use std::path::Path;

    /// The version of a package in Cargo.lock.
    fn locked(package: &str) -> Option<&'static str> {
        let lock = include_str!("../../Cargo.lock");
        let (_, after) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
        after.split('"').next()
    }

    #[test]
    fn the_generator_of_bindings_fits_the_library() {
        assert!(locked("wasm-bindgen").is_some());
        assert_eq!(locked("wasm-bindgen"), locked("wasm-bindgen-cli-support"));
    }

    #[test]
    fn files_are_named_by_the_package_and_then_by_the_module() {
        let module = Module {
            package: "some-game-wasm",
            name: "game",
            out: "/out".into(),
            loader: Loader::Node,
        };
        assert_eq!(module.compiled(), "some_game_wasm.wasm");
        assert_eq!(module.javascript(), Path::new("/out/game.js"));
        assert_eq!(module.wasm(), Path::new("/out/game_bg.wasm"));
    }
}
