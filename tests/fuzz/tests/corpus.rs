//! The whole corpus through its targets, without a fuzzer: what was found once stays repaired.

use std::fs;
use std::path::Path;

use tickwire_fuzz::{TARGETS, seeds};

fn corpus() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"))
}

#[test]
fn every_input_of_the_corpus_passes() {
    for (target, run) in TARGETS {
        let mut inputs = 0;
        for input in fs::read_dir(corpus().join(target)).unwrap() {
            run(&fs::read(input.unwrap().path()).unwrap());
            inputs += 1;
        }
        assert!(inputs > 0, "{target} has no seed");
        run(&[]);
    }
}

#[test]
fn the_seeds_are_what_the_wire_writes_today() {
    for (target, name, bytes) in seeds() {
        let file = corpus().join(target).join(name);
        assert!(
            fs::read(&file).is_ok_and(|written| written == bytes),
            "{} is not up to date: cargo run --example seeds",
            file.display()
        );
    }
}

#[test]
fn every_target_has_a_program() {
    let programs = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz_targets");
    let mut files: Vec<_> = fs::read_dir(programs)
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_owned())
        .collect();
    files.sort();
    assert_eq!(files, TARGETS.map(|(name, _)| name));
}
