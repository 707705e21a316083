//! The shape of the command line, and its help.

use std::path::PathBuf;

use clap::builder::UnknownArgumentValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use tickwire_protocol::message::PROTOCOL_VERSION;
use tickwire_protocol::{Game, GameSchema};

use super::setting::Setting;
use super::{bots, serve, tables};

/// The whole command line of the game `G`; `program` is how it was called.
pub(crate) fn command<G: Game>(program: &str) -> Command {
    let game = GameSchema::of::<G>().name;
    let serve_examples = format!(
        "Examples:\n  \
         {program} serve --bots 7\n  \
         {program} serve --bind 0.0.0.0:8080 --max-players 32 --log-format json\n  \
         {program} serve --config {program}.toml\n\n{}",
        sources(&serve::settings::<G>())
    );
    let bots_examples = format!(
        "Examples:\n  \
         {program} bots --players 8 --matches 100 --seed 7 --json results.jsonl\n  \
         {program} bots --matches 1 --seconds 60 --json -\n\n\
         The same seed gives the same results, byte for byte, on any number of threads.\n\n{}",
        sources(&bots::settings::<G>())
    );
    Command::new(program.to_owned())
        .about(format!("{game}, a multiplayer game on Tickwire"))
        .version(format!(
            "(Tickwire {}, protocol {PROTOCOL_VERSION})",
            env!("CARGO_PKG_VERSION")
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .after_help(format!(
            "To play: {program} serve --bots 7\nFor all options: {program} serve --help"
        ))
        .subcommand(
            subcommand("serve", serve::settings::<G>())
                .about(format!(
                    "Runs a server of {game}: page, level and match on one port"
                ))
                .args(mistaken())
                .after_help(serve_examples),
        )
        .subcommand(
            subcommand("bots", bots::settings::<G>())
                .about(format!(
                    "Lets bots play {game} without network or clock, for training and measuring"
                ))
                .after_help(bots_examples),
        )
        .subcommand(tables_command::<G>(program, game))
}

/// `tables` and what can be done with them.
fn tables_command<G: Game>(program: &str, game: &str) -> Command {
    let train_examples = format!(
        "Example:\n  \
         {program} bots --matches 4 --seconds 180 --record play.tbl.zst\n  \
         {program} tables train play-*.tbl.zst --out tables.twt\n\n\
         Snapshots are coded by tables of probabilities. The neutral ones suit every game a little; tables fitted to\n\
         recorded play suit this one better. What they gain is printed, judged by play that they were not fitted to.\n\
         They suit the snapshot rate that they were trained for: at others they gain less, and much slower they may lose.\n\
         Train anew after each change of components: tables belong to the very components that they were fitted to.\n\n{}",
        sources(&tables::settings::<G>())
    );
    Command::new("tables")
                .about("Makes snapshots smaller: tables of probabilities that fit the game")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .disable_help_subcommand(true)
                .subcommand(
                    subcommand("train", tables::settings::<G>())
                        .about(format!("Fits tables to recorded matches of {game} and says what they gain"))
                        .arg(
                            Arg::new(RECORDINGS)
                                .value_name("RECORDING")
                                .help("Files that bots or serve made by --record: several, so that each can judge the others")
                                .num_args(1..)
                                .required(true),
                        )
                        .after_help(train_examples),
                )
}

const RECORDINGS: &str = "recordings";

/// The recordings that `tables train` was given.
pub(crate) fn recordings(matches: &ArgMatches) -> Vec<PathBuf> {
    let given = matches.get_many::<String>(RECORDINGS);
    given.unwrap_or_default().map(PathBuf::from).collect()
}

/// The keys that a config file may have: those of all commands, so that one file serves them all.
pub(crate) fn known_keys<G: Game>() -> Vec<&'static str> {
    let mut keys: Vec<_> = serve::settings::<G>()
        .into_iter()
        .chain(bots::settings::<G>())
        .chain(tables::settings::<G>())
        .map(|setting| setting.key)
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// How to set anything without a flag; the first setting serves as the example.
fn sources(settings: &[Setting]) -> String {
    let key = settings.first().map_or("", |setting| setting.key);
    format!(
        "Every option can also be set by an environment variable and in the config file (TOML):\n  \
         --{key} VALUE    {}=VALUE    {key} = \"VALUE\"\n\
         A flag wins over the environment, the environment over the file, the file over the default.",
        Setting::variable(key)
    )
}

fn subcommand(name: &'static str, settings: Vec<Setting>) -> Command {
    let config = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .help("Reads options from this file (also TICKWIRE_CONFIG)");
    Command::new(name)
        .args(settings.into_iter().map(argument))
        .arg(config)
}

/// Flags that people try, for an answer with the one that there is.
fn mistaken() -> [Arg; 2] {
    ["port", "host"].map(|name| {
        let answer = UnknownArgumentValueParser::suggest_arg("--bind");
        Arg::new(name).long(name).hide(true).value_parser(answer)
    })
}

/// Values stay text here: whatever they come from, the same code reads them later and names their source.
fn argument(setting: Setting) -> Arg {
    let argument = Arg::new(setting.key)
        .long(setting.key)
        .value_name(setting.value)
        .help_heading(setting.group)
        .help(setting.help)
        .allow_hyphen_values(true);
    let argument = if setting.switch {
        argument
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
    } else {
        argument
    };
    let argument = if setting.many {
        argument.action(ArgAction::Append)
    } else {
        argument
    };
    match setting.default {
        Some(default) => argument.default_value(default),
        None => argument,
    }
}
