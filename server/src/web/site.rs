//! Where the files of a game's web page come from.

use std::borrow::Cow;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hyper::body::Bytes;

/// The files of a game's web page: inside the program, in a folder, or none.
///
/// Beside a file there may be the same compressed, with `.br` or `.gz` appended; browsers that take it get that. Files below
/// `assets/` are kept by browsers for a year and must change their name with their content, as bundlers do by a hash;
/// everything else is asked for anew each time.
///
/// ```
/// use tickwire_server::Site;
///
/// // With rust-embed it is `Site::embedded(|path| Assets::get(path).map(|file| file.data))`.
/// let site = Site::embedded(|path| (path == "index.html").then(|| b"<!doctype html>".into()))
///     .build_hint("cargo xtask web");
/// ```
#[derive(Clone)]
pub struct Site {
    files: Files,
    build_hint: Cow<'static, str>,
}

/// Finds a file's bytes by its path, `/` between the parts and none at the start.
type Get = fn(&str) -> Option<Cow<'static, [u8]>>;

#[derive(Clone)]
enum Files {
    None,
    Embedded(Get),
    Folder(PathBuf),
}

impl Site {
    /// No page: for games whose clients are programs.
    #[must_use]
    pub fn none() -> Self {
        Self::new(Files::None)
    }

    /// Files inside the program. `get` finds a file by its path relative to the page, for example `assets/main.js`.
    #[must_use]
    pub fn embedded(get: Get) -> Self {
        Self::new(Files::Embedded(get))
    }

    /// The files of a folder, read at each request, so that a page under development shows at once.
    ///
    /// Nothing outside of the folder is served, whatever the request's path says and symbolic links point to.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn folder(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().canonicalize()?;
        if !path.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self::new(Files::Folder(path)))
    }

    /// The command that builds the page, named when the page is missing.
    #[must_use]
    pub fn build_hint(mut self, command: impl Into<Cow<'static, str>>) -> Self {
        self.build_hint = command.into();
        self
    }

    fn new(files: Files) -> Self {
        Self {
            files,
            build_hint: Cow::Borrowed(""),
        }
    }

    /// What to do to get a page, in one sentence without an end, or nothing if there is one.
    pub(crate) fn missing(&self) -> Option<String> {
        if read(&self.files, "index.html").is_some() {
            return None;
        }
        let command = &self.build_hint;
        Some(match &self.files {
            Files::Folder(path) => format!(
                "there is no index.html in {}: build the page there, or give another --web-dir",
                path.display()
            ),
            _ if command.is_empty() => {
                "there is no web page in this program: give one by --web-dir, or connect by a program"
                    .to_owned()
            }
            _ => format!(
                "the web page was not built into this program: run `{command}`, then build the program again"
            ),
        })
    }

    /// A file's bytes. `path` has been cleaned.
    pub(crate) async fn file(&self, path: String) -> Option<Bytes> {
        if !matches!(self.files, Files::Folder(_)) {
            return read(&self.files, &path);
        }
        // A disk may take its time; meanwhile the players' tasks go on.
        let files = self.files.clone();
        let reading = tokio::task::spawn_blocking(move || read(&files, &path));
        reading.await.ok().flatten()
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.files {
            Files::None => write!(f, "Site(none)"),
            Files::Embedded(_) => write!(f, "Site(embedded)"),
            Files::Folder(path) => write!(f, "Site({})", path.display()),
        }
    }
}

fn read(files: &Files, path: &str) -> Option<Bytes> {
    match files {
        Files::None => None,
        Files::Embedded(get) => Some(match get(path)? {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        }),
        Files::Folder(folder) => {
            let file = folder.join(path).canonicalize().ok()?;
            // Resolved to the end: neither `..` nor a symbolic link has led out.
            if !file.starts_with(folder) || !file.is_file() {
                return None;
            }
            fs::read(file).ok().map(Bytes::from)
        }
    }
}

/// The path of a file from the path of a request, or nothing if it cannot name one: no `..`, no hidden files, no tricks.
pub(crate) fn clean(path: &str) -> Option<String> {
    let path = decode(path.strip_prefix('/')?)?;
    if path.is_empty() {
        return Some("index.html".to_owned());
    }
    let sound = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0'])
    };
    path.split('/').all(sound).then_some(path)
}

/// Undoes percent-encoding, once.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_name_no_file() {
        for bad in [
            "",
            "assets",
            "/../Cargo.toml",
            "/a/../../b",
            "/%2e%2e/Cargo.toml",
            "/a/..%2f..%2fb",
            "//etc/passwd",
            "/a//b",
            "/./a",
            "/.git/config",
            "/a\\..\\b",
            "/C:/x",
            "/a%00",
            "/%",
            "/%zz",
            "/%ff",
        ] {
            assert_eq!(clean(bad), None, "{bad}");
        }
        assert_eq!(clean("/").as_deref(), Some("index.html"));
        assert_eq!(clean("/assets/a%20b.js").as_deref(), Some("assets/a b.js"));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_folder_serves_its_own_files_only() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("dist");
        fs::create_dir_all(folder.join("assets")).unwrap();
        fs::write(outer.path().join("secret"), "s").unwrap();
        fs::write(folder.join("assets/a.js"), "a").unwrap();
        std::os::unix::fs::symlink(outer.path().join("secret"), folder.join("out")).unwrap();
        std::os::unix::fs::symlink(folder.join("assets/a.js"), folder.join("in.js")).unwrap();
        let site = Site::folder(&folder).unwrap();
        assert_eq!(
            site.file("assets/a.js".into()).await.as_deref(),
            Some(&b"a"[..])
        );
        assert_eq!(site.file("in.js".into()).await.as_deref(), Some(&b"a"[..]));
        for outside in ["out", "../secret", "assets", "/etc/passwd"] {
            assert_eq!(site.file(outside.into()).await, None, "{outside}");
        }
        assert!(site.missing().unwrap().contains("--web-dir"));
        fs::write(folder.join("index.html"), "i").unwrap();
        assert_eq!(site.missing(), None);
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        assert!(Site::folder("/nowhere/dist").is_err());
        assert!(Site::folder("/etc/hostname").is_err());
    }
}
