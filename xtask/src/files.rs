//! Looking at folders: what is in them, and whether what was made from them is still good.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// All files below the folder, in no particular order.
pub(crate) fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}

/// When something in the file or folder last changed; entries named in `without` do not count at the top level.
/// Folders count with their own time too, because a deleted file leaves no other trace.
pub(crate) fn last_change(path: &Path, without: &[&str]) -> io::Result<SystemTime> {
    let mut latest = fs::metadata(path)?.modified()?;
    if !path.is_dir() {
        return Ok(latest);
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if without.iter().all(|name| entry.file_name() != *name) {
            latest = latest.max(last_change(&entry.path(), &[])?);
        }
    }
    Ok(latest)
}

#[cfg(test)]
mod tests {
    use super::{files_below, last_change};
    use std::{
        fs,
        path::{Path, PathBuf},
        time::{Duration, SystemTime},
    };

    /// A fresh folder with `src/inner/a.ts`, all of it changed an hour ago, and a `dist/b.js` made just now.
    fn folder(name: &str) -> PathBuf {
        let root = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        fs::create_dir_all(root.join("src/inner")).unwrap();
        fs::create_dir_all(root.join("dist")).unwrap();
        fs::write(root.join("src/inner/a.ts"), "a").unwrap();
        fs::write(root.join("dist/b.js"), "b").unwrap();
        for old in ["src/inner/a.ts", "src/inner", "src", "."] {
            set_time(&root.join(old), an_hour_ago());
        }
        root
    }

    fn an_hour_ago() -> SystemTime {
        SystemTime::now() - Duration::from_hours(1)
    }

    fn set_time(path: &Path, time: SystemTime) {
        fs::File::open(path).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn files_are_found_at_any_depth() {
        let root = folder("depth");
        assert_eq!(files_below(&root).unwrap().len(), 2);
        assert!(files_below(&root.join("missing")).is_err());
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_change_deep_inside_counts_and_one_in_an_output_does_not() {
        let root = folder("change");
        let sources = |root: &Path| last_change(root, &["dist"]).unwrap();
        let half_an_hour_ago = SystemTime::now() - Duration::from_mins(30);
        assert!(sources(&root) < half_an_hour_ago);
        fs::write(root.join("src/inner/a.ts"), "changed").unwrap();
        assert!(sources(&root) > half_an_hour_ago);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_deleted_file_counts_as_a_change() {
        let root = folder("delete");
        fs::remove_file(root.join("src/inner/a.ts")).unwrap();
        let half_an_hour_ago = SystemTime::now() - Duration::from_mins(30);
        assert!(last_change(&root, &["dist"]).unwrap() > half_an_hour_ago);
        fs::remove_dir_all(root).unwrap();
    }
}
