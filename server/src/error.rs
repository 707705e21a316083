//! What can keep a server from running. Every message is one line and says what to do.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a server does not start, or a command does not run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting has a value that is not allowed.
    #[error("{given}: {why}")]
    Setting {
        /// The flag, environment variable or file and key, with its value.
        given: String,
        /// What is allowed instead.
        why: String,
    },
    /// The config file cannot be used.
    #[error("config file {}: {why}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The address to listen on is taken by another program.
    #[error("{0} is already in use: end the program that has it, or choose another port (--bind)")]
    AddressInUse(SocketAddr),
    /// The address to listen on cannot be had.
    #[error("cannot listen on {address}: {source}; choose another address or port (--bind)")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system gave no thread, no runtime or no signals.
    #[error("the system does not let the server start: {0}")]
    System(#[source] io::Error),
    /// A file that was asked for cannot be written.
    #[error(
        "cannot write {path}: {source}; give a file in a folder that you may write to (--{option})"
    )]
    Output {
        /// The file, or `-`.
        path: String,
        /// The option that asked for it.
        option: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// A file that was given cannot be used.
    #[error("{path} {why}")]
    Input {
        /// The file.
        path: String,
        /// What is wrong with it, and what to do.
        why: String,
    },
}

impl Error {
    /// `path`, which `option` asked for, cannot be written.
    pub(crate) fn output(path: &Path, option: &'static str, source: io::Error) -> Self {
        Self::Output {
            path: path.display().to_string(),
            option,
            source,
        }
    }

    /// What the process exits with: 2 for what the caller said, as usual for command lines, and 1 for what then went wrong.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Setting { .. } | Self::Config { .. } => 2,
            _ => 1,
        }
    }
}
