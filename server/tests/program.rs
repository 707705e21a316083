//! The program of a game as its users meet it: this file is both the game, when a command is given, and the test, which starts
//! itself with one.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "support/stroll.rs"]
mod stroll;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let command = env::args().nth(1);
    if matches!(command.as_deref(), Some("serve" | "bots" | "tables")) {
        return tickwire_server::cli(stroll::build);
    }
    #[cfg(unix)]
    test::run();
    ExitCode::SUCCESS
}

#[cfg(unix)]
mod test {
    use std::env;
    use std::fs;
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Output, Stdio};
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    pub(crate) fn run() {
        let tests: [(&str, fn()); 8] = [
            (
                "bots_give_the_same_file_on_any_number_of_threads",
                bots_repeat,
            ),
            ("a_match_of_a_series_can_be_played_alone", one_match_alone),
            ("a_report_of_bytes_repeats_and_sums_up", bytes_are_reported),
            ("a_signal_ends_the_server_in_time", signals_end),
            ("what_is_wrong_is_one_line", errors_are_one_line),
            ("the_environment_reaches_the_server", environment_reaches),
            (
                "matches_are_recorded_and_tables_trained",
                tables_are_trained,
            ),
            ("a_served_match_is_recorded", serving_is_recorded),
        ];
        for (name, test) in tests {
            test();
            println!("test {name} ... ok");
        }
    }

    fn program(line: &str) -> Command {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(line.split_whitespace());
        command
    }

    fn output(line: &str) -> Output {
        program(line).output().unwrap()
    }

    fn bots_repeat() {
        let folder = tempfile::tempdir().unwrap();
        let results = |threads: u8| {
            let path = folder.path().join(threads.to_string());
            let line = format!(
                "bots --players 3 --matches 7 --seconds 20 --seed 7 --threads {threads} --json {}",
                path.display()
            );
            let output = output(&line);
            assert!(output.status.success(), "{output:?}");
            let table = String::from_utf8(output.stdout).unwrap();
            assert!(table.starts_with("player"), "{table}");
            assert!(
                table.contains("7 matches of 1200 ticks: 8400 ticks"),
                "{table}"
            );
            assert_eq!(
                output.stderr, b"",
                "there is no terminal for a progress bar"
            );
            fs::read_to_string(path).unwrap()
        };
        let alone = results(1);
        assert_eq!(alone.lines().count(), 7);
        assert!(alone.starts_with(r#"{"match":1,"seed":7,"ticks":1200,"scores":[{"name":"#));
        assert_eq!(alone, results(3));
    }

    fn one_match_alone() {
        let series = output("bots --matches 2 --seconds 5 --json -");
        let lines = String::from_utf8(series.stdout).unwrap();
        let second = lines.lines().nth(1).unwrap();
        let (_, seed) = second.split_once("\"seed\":").unwrap();
        let (seed, _) = seed.split_once(',').unwrap();
        let again = output(&format!(
            "bots --matches 1 --seconds 5 --json - --seed {seed}"
        ));
        let again = String::from_utf8(again.stdout).unwrap();
        assert_eq!(again.trim(), second.replace("\"match\":2", "\"match\":1"));
    }

    fn bytes_are_reported() {
        let report = |threads: u8, more: &str| {
            let line = format!("bots --matches 3 --seconds 5 --threads {threads} --json - {more}");
            let output = output(&line);
            assert!(output.status.success(), "{output:?}");
            let text = String::from_utf8(output.stderr).unwrap();
            let report = text
                .split_once("\nwhat for")
                .map(|(_, report)| report.to_owned());
            (output.stdout, report)
        };
        let (results, told) = report(1, "--bytes-report");
        let told = told.unwrap();
        for line in ["Place", "    change", "messages", "  WebSocket", "total"] {
            assert!(told.contains(&format!("\n{line} ")), "no {line} in {told}");
        }
        assert_eq!(report(3, "--bytes-report"), (results.clone(), Some(told)));
        assert_eq!(report(2, ""), (results, None), "watching changes nothing");
    }

    /// A server on a free port, and the line in which it says where.
    fn serving(command: &mut Command) -> (Child, String) {
        let mut child = command
            .args(["--bind", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        (child, line)
    }

    fn signals_end() {
        for signal in ["-INT", "-TERM"] {
            let (mut child, line) = serving(&mut program("serve --bots 2"));
            assert!(
                line.starts_with("Stroll is running: http://127.0.0.1:"),
                "{line}"
            );
            assert!(line.ends_with("  (map lane, 2 bots, 60 Hz)\n"), "{line}");
            let begun = Instant::now();
            let kill = Command::new("kill")
                .args([signal, &child.id().to_string()])
                .status();
            assert!(kill.unwrap().success());
            assert_eq!(child.wait().unwrap().code(), Some(0));
            assert!(begun.elapsed() < Duration::from_secs(2));
        }
    }

    fn errors_are_one_line() {
        let (mut child, line) = serving(&mut program("serve"));
        let (_, address) = line.split_once("http://").unwrap();
        let (address, _) = address.split_once(' ').unwrap();
        for (line, code, message) in [
            (
                format!("serve --bind {address}"),
                1,
                "is already in use: end the program that has it",
            ),
            (
                "serve --map /nowhere.txt".to_owned(),
                2,
                "error: --map /nowhere.txt: no level",
            ),
            (
                "serve --config /nowhere".to_owned(),
                2,
                "error: config file /nowhere: cannot be read",
            ),
            (
                "bots --json /nowhere/results".to_owned(),
                1,
                "error: cannot write /nowhere/results",
            ),
        ] {
            let output = output(&line);
            assert_eq!(output.status.code(), Some(code), "{line}");
            let said = String::from_utf8(output.stderr).unwrap();
            let last = said.lines().last().unwrap();
            assert!(last.contains(message), "{said}");
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn environment_reaches() {
        let mut command = program("serve");
        command
            .env("TICKWIRE_MAP", "yard")
            .env("TICKWIRE_BOTS", "3");
        let (mut child, line) = serving(&mut command);
        assert!(line.ends_with("  (map yard, 3 bots, 60 Hz)\n"), "{line}");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn tables_are_trained() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let bots = output(&format!(
            "bots --players 3 --matches 3 --seconds 10 --record {}",
            path("play.tbl.zst")
        ));
        assert!(bots.status.success(), "{bots:?}");
        let recordings = [1, 2, 3].map(|n| path(&format!("play-{n}.tbl.zst")));
        let recordings = recordings.join(" ");
        let tables = path("stroll.twt");
        let train = output(&format!("tables train {recordings} --out {tables}"));
        assert!(train.status.success(), "{train:?}");
        let said = String::from_utf8(train.stdout).unwrap();
        for part in [
            "play-1.tbl.zst        299",
            "%  2 others\n",
            "together              897",
            "include_bytes!",
        ] {
            assert!(said.contains(part), "{part} is not in:\n{said}");
        }
        assert!(fs::read(&tables).unwrap().starts_with(b"TWT1"));
        for (line, words) in [
            (
                format!("tables train {tables} --out {tables}"),
                "stroll.twt is no recording",
            ),
            (
                format!("tables train /nowhere.tbl.zst --out {tables}"),
                "error: /nowhere.tbl.zst cannot be opened",
            ),
            (
                format!("tables train {recordings} --snapshot-rate 10 --out {tables}"),
                "play-1.tbl.zst is too short to learn from: record at least 20 seconds",
            ),
            (
                format!("tables train {recordings} --out /nowhere/tables"),
                "error: cannot write /nowhere/tables",
            ),
            (
                "bots --matches 1 --record /nowhere/play".to_owned(),
                "error: cannot write /nowhere/play:",
            ),
        ] {
            let output = output(&line);
            assert_eq!(output.status.code(), Some(1), "{line}");
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(said.lines().count(), 1, "{said}");
            assert!(said.contains(words), "{said}");
        }
    }

    fn serving_is_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("served.tbl.zst");
        let line = format!("serve --bots 2 --record {}", path.display());
        let (mut child, _) = serving(&mut program(&line));
        sleep(Duration::from_millis(500));
        let kill = Command::new("kill").arg(child.id().to_string()).status();
        assert!(kill.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(0));
        let train = output(&format!("tables train {} --out t", path.display()));
        let said = String::from_utf8(train.stderr).unwrap();
        assert!(said.contains("is too short to learn from"), "{said}");
    }
}
