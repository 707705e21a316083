//! The house rules that a machine can check. Each failure says where and what to do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers, and may fail"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of the project, as git lists them (or as they lie there, where git is missing).
fn files(endings: &[&str]) -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    let listed = listed.expect("git lists the project's files");
    let names = String::from_utf8(listed.stdout).expect("file names are UTF-8");
    let wanted = names
        .lines()
        .filter(|name| endings.iter().any(|ending| name.ends_with(ending)));
    wanted
        .filter_map(|name| Some((name.to_owned(), fs::read_to_string(root().join(name)).ok()?)))
        .collect()
}

/// Fails with one line per finding.
fn none(findings: Vec<String>, what_to_do: &str) {
    assert!(
        findings.is_empty(),
        "\n{}\n{what_to_do}\n",
        findings.join("\n")
    );
}

#[test]
fn files_are_short() {
    let sources = files(&[".rs", ".ts"]);
    assert!(sources.len() > 50, "the sources were found");
    let long = sources
        .iter()
        .filter(|(_, text)| text.lines().count() > 500);
    none(
        long.map(|(name, text)| format!("{name}: {} lines", text.lines().count()))
            .collect(),
        "A file has at most 500 lines: split it by concern.",
    );
}

/// What each crate may depend on among ours (tests and tools aside).
const ARROWS: &[(&str, &[&str])] = &[
    ("protocol/derive", &[]),
    ("protocol", &["tickwire-protocol-derive"]),
    ("engine", &["tickwire-protocol"]),
    ("client", &["tickwire-protocol"]),
    ("server", &["tickwire-protocol", "tickwire-engine"]),
    (
        "client-demo",
        &["tickwire-protocol", "tickwire-engine", "tickwire-server"],
    ),
    (
        "client-demo/wasm",
        &[
            "tickwire-protocol",
            "tickwire-client",
            "tickwire-client-demo",
        ],
    ),
];

#[test]
fn dependencies_point_one_way() {
    let mut findings = Vec::new();
    for (folder, allowed) in ARROWS {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml"))
            .expect("every crate has a manifest");
        let dependencies = manifest
            .split("[dev-dependencies]")
            .next()
            .unwrap_or_default();
        let ours = dependencies
            .lines()
            .filter(|line| line.starts_with("tickwire-"));
        for line in ours {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if !allowed.contains(&name) {
                findings.push(format!("{folder} depends on {name}"));
            }
        }
    }
    none(
        findings,
        "Dependencies point one way: protocol ← engine ← server, protocol ← client.",
    );
}

#[test]
fn sans_io_crates_stay_so() {
    let mut findings = Vec::new();
    for (folder, banned) in [
        ("protocol", &["tokio", "bevy_ecs", "crossbeam"][..]),
        ("engine", &["tokio"]),
        (
            "client",
            &["tokio", "bevy_ecs", "crossbeam", "wasm-bindgen"],
        ),
    ] {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml"))
            .expect("every crate has a manifest");
        let used = banned
            .iter()
            .filter(|name| manifest.lines().any(|line| line.starts_with(**name)));
        findings.extend(used.map(|name| format!("{folder} depends on {name}")));
    }
    none(
        findings,
        "See ARCHITECTURE.md: what a crate must not know is the reason that it is a crate.",
    );
}

#[test]
fn clocks_are_read_in_few_places() {
    const MAY: &[&str] = &["engine/src/host.rs"];
    let sources = files(&[".rs"]);
    let sans_clock = sources.iter().filter(|(name, _)| {
        [
            "protocol/src",
            "engine/src",
            "client/src",
            "client-demo/src",
        ]
        .iter()
        .any(|folder| name.starts_with(folder))
            && !MAY.contains(&name.as_str())
    });
    let findings = sans_clock.flat_map(|(name, text)| {
        let lines = text.lines().enumerate();
        let reads = lines.filter(|(_, line)| {
            ["Instant::now", "SystemTime::now", "thread::sleep"]
                .iter()
                .any(|call| line.contains(call))
        });
        reads.map(move |(i, line)| format!("{name}:{}: {}", i + 1, line.trim()))
    });
    none(
        findings.collect(),
        "Take the time as an argument: then a test can decide what time it is.",
    );
}

/// Vague words, which the vocabulary replaces.
const BANNED: &[&str] = &[
    "frame", "packet", "sync", "manager", "handler", "context", "data",
];

/// The parts of a name, in small letters: `FrameData` and `frame_data` are "frame" and "data".
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for c in name.chars() {
        if c == '_' || c.is_uppercase() {
            parts.push(String::new());
        }
        if c != '_'
            && let Some(part) = parts.last_mut()
        {
            part.extend(c.to_lowercase());
        }
    }
    parts
}

#[test]
fn public_names_use_the_vocabulary() {
    let mut findings = Vec::new();
    let crates = [
        "protocol/src",
        "protocol/derive/src",
        "engine/src",
        "client/src",
        "server/src",
        "tests/src",
    ];
    for (name, text) in files(&[".rs"])
        .iter()
        .filter(|(name, _)| crates.iter().any(|folder| name.starts_with(folder)))
    {
        for (i, line) in text.lines().enumerate() {
            let Some(item) = line.trim_start().strip_prefix("pub ") else {
                continue;
            };
            let words = item.split(|c: char| !c.is_alphanumeric() && c != '_');
            let keywords = [
                "fn", "struct", "enum", "trait", "mod", "const", "type", "static", "async",
            ];
            let public = words
                .skip_while(|word| keywords.contains(word))
                .find(|word| !word.is_empty())
                .unwrap_or_default();
            if let Some(part) = parts(public)
                .iter()
                .find(|part| BANNED.contains(&part.as_str()))
            {
                findings.push(format!("{name}:{}: `{public}` says `{part}`", i + 1));
            }
        }
    }
    none(
        findings,
        "Name it by the vocabulary in ARCHITECTURE.md: say which state, whose message, what it does.",
    );
}

#[test]
fn nothing_is_left_unfinished() {
    // Spelled in two parts, or this file would find itself.
    let marks = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["todo", "!("].concat(),
        ["unimplemented", "!("].concat(),
        ["dbg", "!("].concat(),
    ];
    let mut findings = Vec::new();
    for (name, text) in files(&[".rs", ".ts", ".md", ".toml", ".html", ".css"]) {
        for (i, line) in text.lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark.as_str())) {
                findings.push(format!("{name}:{}: {}", i + 1, line.trim()));
            }
        }
    }
    none(
        findings,
        "Finish it, or take it out and say so in the change log.",
    );
}
