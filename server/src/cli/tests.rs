//! What the command line understands, and what it says when it does not.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use tickwire_engine::TickPriority;
use tickwire_protocol::link::Link;

use super::serve::Sockets;
use super::*;
use crate::stroll::{Stroll, build};

/// Reads a command line under an environment.
fn read(line: &[&str], environment: &[(&str, &str)]) -> Result<Task<Stroll>, Stop> {
    let arguments = std::iter::once("stroll").chain(line.iter().copied());
    let variable = |name: &str| {
        let found = environment.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| OsString::from(value))
    };
    App::new(build).read(arguments.map(OsString::from).collect(), &variable)
}

fn serve(line: &[&str], environment: &[(&str, &str)]) -> Serve<Stroll> {
    match read(&[&["serve"], line].concat(), environment) {
        Ok(Task::Serve(serve)) => *serve,
        Ok(_) => panic!("not serve"),
        Err(stop) => panic!("{}", said(stop)),
    }
}

fn said(stop: Stop) -> String {
    match stop {
        Stop::Usage(usage) => usage.to_string(),
        Stop::Error(error) => error.to_string(),
    }
}

fn refused(line: &[&str], environment: &[(&str, &str)]) -> String {
    match read(line, environment) {
        Ok(_) => panic!("{line:?} was understood"),
        Err(stop) => said(stop),
    }
}

fn port(serve: &Serve<Stroll>) -> u16 {
    serve.config.bind.port()
}

#[test]
fn the_defaults_play_on_this_machine() {
    let serve = serve(&[], &[]);
    assert_eq!(serve.config.bind, SocketAddr::from(([127, 0, 0, 1], 8080)));
    assert_eq!(serve.config.room.snapshot_interval, 2);
    assert_eq!(serve.config.room.budget, 256);
    assert_eq!(serve.rewind_limit, None);
    assert_eq!(&*serve.level.name, "lane");
    assert_eq!(serve.bots, 0);
}

#[test]
fn a_flag_wins_over_the_environment_that_over_the_file_that_over_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stroll.toml");
    // `matches` belongs to the other command: one file serves both.
    fs::write(&path, "bind = '127.0.0.1:1'\nbots = 3\nmatches = 5\n").unwrap();
    let file = path.to_str().unwrap();
    let by_variable = [("TICKWIRE_BIND", "127.0.0.1:2"), ("TICKWIRE_CONFIG", file)];

    assert_eq!(port(&serve(&["--config", file], &[])), 1);
    let serve_2 = serve(&[], &by_variable);
    assert_eq!((port(&serve_2), serve_2.bots), (2, 3));
    let serve_3 = serve(&["--bind", "127.0.0.1:3"], &by_variable);
    assert_eq!((port(&serve_3), serve_3.bots), (3, 3));
    let no_limit = [("TICKWIRE_BUDGET", "0")];
    assert_eq!(serve(&[], &no_limit).config.room.budget, 0);
    let faster = serve(&["--budget", "1000"], &no_limit);
    assert_eq!(faster.config.room.budget, 1000);
    // A flag that repeats the default is a flag all the same.
    let serve_0 = serve(&["--bots", "0"], &by_variable);
    assert_eq!(serve_0.bots, 0);
}

#[test]
fn a_switch_is_on_by_its_name_alone() {
    let explains = |line, environment| serve(line, environment).config.explain;
    let by_variable = [("TICKWIRE_EXPLAIN", "true")];
    assert!(!explains(&[], &[]));
    assert!(explains(&["--explain"], &[]));
    assert!(explains(&["--explain", "--bots", "3"], &[]));
    assert!(explains(&[], &by_variable));
    assert!(!explains(&["--explain=false"], &by_variable));
    let link = |line| serve(line, &[]).config.link;
    assert_eq!(link(&["--link", "P3"]), Some(Link::P3));
    assert_eq!(link(&["--link", "100+-20/1%"]), Some(Link::P3));
    assert_eq!((link(&[]), link(&["--link=P0"])), (None, None));
    let message = refused(&["serve", "--link", "bad"], &[]);
    assert!(
        message.starts_with("--link bad: must be P0 to P6 or"),
        "{message}"
    );
    let message = refused(&["serve", "--explain=maybe"], &[]);
    assert_eq!(message, "--explain maybe: must be true or false");
}

#[test]
fn origins_are_named_one_by_one_or_in_a_line() {
    let origins = |line, environment| serve(line, environment).config.origins;
    let both = "https://a.org http://b.org:5173".parse().unwrap();
    let flags = ["--origin", "https://a.org", "--origin", "http://b.org:5173"];
    assert_eq!(origins(&flags, &[]), both);
    let by_variable = [("TICKWIRE_ORIGIN", "https://a.org,http://b.org:5173")];
    assert_eq!(origins(&[], &by_variable), both);
    assert_eq!(origins(&[], &[]), crate::Origins::default());
    let message = refused(&["serve", "--origin", "a.org"], &[]);
    assert!(
        message.starts_with("--origin a.org: must be origins like https://"),
        "{message}"
    );
}

#[test]
fn only_what_may_be_given_several_times_is_a_list_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stroll.toml");
    let file = path.to_str().unwrap();
    fs::write(&path, r#"origin = ["https://a.org", "http://b.org:5173"]"#).unwrap();
    let both = "https://a.org http://b.org:5173".parse().unwrap();
    assert_eq!(serve(&["--config", file], &[]).config.origins, both);
    // Two files would become one with a blank in its name.
    fs::write(&path, r#"record = ["monday", "tuesday"]"#).unwrap();
    let message = refused(&["serve", "--config", file], &[]);
    assert!(
        message.ends_with("record takes one value, and no list"),
        "{message}"
    );
}

#[test]
fn seats_are_kept_and_hidden_players_stand_for_as_long_as_is_said() {
    let kept = |line| serve(line, &[]).config.room.seat_kept.as_secs();
    assert_eq!((kept(&[]), kept(&["--seat-kept", "0"])), (30, 0));
    let stands = |line| serve(line, &[]).config.room.hidden_stands;
    let ten = Some(Duration::from_secs(10));
    assert_eq!(
        (stands(&[]), stands(&["--hidden-stands", "10"])),
        (None, ten)
    );
}

#[test]
fn ticks_are_urgent_unless_told_otherwise() {
    let priority = |line: &[&str]| serve(line, &[]).config.tick_priority;
    assert_eq!(priority(&[]), TickPriority::RealTime);
    let normal = &["--tick-priority", "normal"];
    assert_eq!(priority(normal), TickPriority::Normal);
    let message = refused(&["serve", "--tick-priority", "high"], &[]);
    assert!(message.ends_with("must be realtime or normal"), "{message}");
}

#[test]
fn a_flag_that_other_servers_have_is_answered_with_ours() {
    for flag in ["--port", "--host"] {
        let message = refused(&["serve", flag, "9000"], &[]);
        assert!(message.contains("'--bind'"), "{message}");
    }
}

#[test]
fn a_bad_value_is_named_the_way_it_was_given() {
    let rates =
        "must divide the game's 60 ticks per second evenly: 60, 30, 20, 15, 12, 10, 6, 5 or 4";
    assert_eq!(
        refused(&["serve", "--snapshot-rate", "25"], &[]),
        format!("--snapshot-rate 25: {rates}")
    );
    assert_eq!(
        refused(&["serve"], &[("TICKWIRE_SNAPSHOT_RATE", "0")]),
        format!("TICKWIRE_SNAPSHOT_RATE=0: {rates}")
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stroll.toml");
    fs::write(&path, "bots = -1").unwrap();
    assert_eq!(
        refused(&["serve", "--config", path.to_str().unwrap()], &[]),
        format!(
            "config file {}: bots = -1: must be a whole number from 0 to 256",
            path.display()
        )
    );
}

#[test]
fn every_bad_value_says_what_is_allowed_in_one_line() {
    for (line, allowed) in [
        ("serve --bind localhost", "an IP address and a port"),
        ("serve --bots -1", "from 0 to 256"),
        ("serve --max-players 0", "from 1 to 1024"),
        ("serve --rewind-limit 251", "a whole number from 0 to 250"),
        ("serve --budget 7", "0 or a whole number from 8 to 1000000"),
        ("serve --ping-timeout 0", "from 1 to 300"),
        ("serve --seed x", "from 0 to 18446744073709551615"),
        (
            "serve --map moon",
            "no level of the game (lane, yard), and as a file: No such file",
        ),
        ("serve --web-dir /nowhere", "must be a folder: No such file"),
        ("serve --log-format xml", "auto, pretty or json"),
        ("serve --log-level loud", "info, debug or trace"),
        ("bots --players 0", "from 1 to 256"),
        ("bots --seconds 0", "from 1 to 86400"),
        ("bots --matches many", "from 1 to 1000000"),
    ] {
        let words: Vec<_> = line.split(' ').collect();
        let message = refused(&words, &[]);
        assert!(message.contains(allowed), "{message}");
        assert!(message.starts_with(&words[1..].join(" ")), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn a_level_comes_from_a_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alley.txt");
    fs::write(&path, "--").unwrap();
    let serve = serve(&["--map", path.to_str().unwrap()], &[]);
    assert_eq!((&*serve.level.name, &*serve.level.text), ("alley", "--"));
    fs::write(&path, "-?").unwrap();
    let message = refused(&["serve", "--map", path.to_str().unwrap()], &[]);
    assert!(message.ends_with("level alley: character 1 is neither a dash nor a line's end"));
}

#[test]
fn unknown_flags_and_commands_are_refused() {
    assert!(refused(&["serve", "--bot", "7"], &[]).contains("--bots"));
    assert!(refused(&["swarm"], &[]).contains("swarm"));
}

#[test]
fn sockets_are_served_in_rounds_unless_there_are_too_many() {
    let sockets = |line: &[&str]| serve(line, &[]).sockets;
    assert_eq!(sockets(&[]), Sockets::Rounds);
    assert_eq!(sockets(&["--max-players", "500"]), Sockets::Rounds);
    assert_eq!(sockets(&["--max-players", "501"]), Sockets::AtOnce);
    let chosen = ["--max-players", "501", "--sockets", "rounds"];
    assert_eq!(sockets(&chosen), Sockets::Rounds);
    assert_eq!(sockets(&["--sockets", "at-once"]), Sockets::AtOnce);
    let error = refused(&["serve", "--sockets", "epoll"], &[]);
    assert!(error.contains("must be rounds or at-once"), "{error}");
}

#[test]
fn the_help_names_the_game_its_defaults_and_examples() {
    let help = refused(&["serve", "--help"], &[]);
    for part in [
        "Runs a server of Stroll",
        "Match:",
        "Network:",
        "--snapshot-rate <HZ>",
        "60, 30, 20, 15, 12, 10, 6, 5 or 4 [default: 30]",
        "A level of the game (lane, yard) or a file [default: lane]",
        "[default: 127.0.0.1:8080]",
        "stroll serve --bots 7",
        "TICKWIRE_MAP=VALUE",
        "A flag wins over the environment",
    ] {
        assert!(help.contains(part), "{part} is not in:\n{help}");
    }
    let long = help.lines().filter(|line| line.chars().count() > 120);
    assert_eq!(long.collect::<Vec<_>>(), Vec::<&str>::new());
    assert!(refused(&["--help"], &[]).starts_with("Stroll, a multiplayer game on Tickwire"));
    assert!(refused(&["bots", "--help"], &[]).contains("byte for byte"));
}

#[test]
fn tables_need_recordings_and_a_file_to_go_to() {
    let command = ["tables", "train", "a.tbl.zst", "b.tbl.zst"];
    let by_variable = [("TICKWIRE_OUT", "c.twt")];
    assert!(matches!(read(&command, &by_variable), Ok(Task::Train(_))));
    assert_eq!(
        refused(&command, &[]),
        "--out FILE: is missing: say where the tables go"
    );
    let rate = [&command[..], &["--snapshot-rate", "25"]].concat();
    assert!(refused(&rate, &by_variable).starts_with("--snapshot-rate 25: must divide"));
    assert!(refused(&["tables", "train", "--out", "c.twt"], &[]).contains("<RECORDING>..."));
    assert!(refused(&["tables"], &[]).contains("train"));
    let help = refused(&["tables", "train", "--help"], &[]);
    assert!(
        help.contains("stroll tables train play-*.tbl.zst"),
        "{help}"
    );
    let long = help.lines().filter(|line| line.chars().count() > 120);
    assert_eq!(long.collect::<Vec<_>>(), Vec::<&str>::new());
}
