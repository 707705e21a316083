//! Which pages may open a WebSocket: browsers let any page in the world try, with the player's address and from inside the player's
//! network, and only say where the page came from (RFC 6454, RFC 6455 section 10.2).

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::StatusCode;
use hyper::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HOST, HeaderMap, ORIGIN, VARY};

use super::answer::{Answer, put, text};

/// Refusals that follow one another at shorter intervals are one burst, and one line in the log.
const BURST: Duration = Duration::from_secs(60);

/// Characters of what a stranger says that are repeated to anybody.
const SHOWN: usize = 120;

/// Pages from elsewhere that may connect, beside those that the server itself gave out. A client that is no browser names no origin, and
/// is not asked for one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    any: bool,
    others: Vec<Origin>,
}

/// A scheme, and a host with its port.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    scheme: String,
    authority: String,
}

impl FromStr for Origins {
    type Err = String;

    /// Reads origins as browsers write them, `https://play.example.org` or `http://10.0.0.7:5173`, with spaces or commas between
    /// them; `*` stands for all.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut origins = Self::default();
        let parts = text.split([' ', ',', '\t', '\n']);
        for part in parts.filter(|part| !part.is_empty()) {
            if part == "*" {
                origins.any = true;
                continue;
            }
            let origin = Origin::read(part).ok_or_else(|| {
                "must be origins like https://play.example.org, without a path, or * for all"
                    .to_owned()
            })?;
            origins.others.push(origin);
        }
        Ok(origins)
    }
}

impl Origin {
    fn read(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let is_known = scheme == "http" || scheme == "https";
        let is_bare = !authority.is_empty() && !authority.contains(['/', '?', '#', '@']);
        let authority = authority_of(authority, &scheme);
        (is_known && is_bare).then_some(Self { scheme, authority })
    }
}

/// Host and port in one spelling: small letters, without the port that goes without saying.
fn authority_of(text: &str, scheme: &str) -> String {
    let text = text.to_ascii_lowercase();
    let usual = if scheme == "https" { ":443" } else { ":80" };
    text.strip_suffix(usual).map_or(text.clone(), str::to_owned)
}

impl Origins {
    /// Whether the page that asks may. A page of this server has the host under which the browser asks for the socket. (So has a
    /// page whose owner lets its name point to this server: it is taken for one that came by another name of the server.)
    fn admits(&self, headers: &HeaderMap) -> bool {
        let mut given = headers.get_all(ORIGIN).into_iter();
        let Some(first) = given.next() else {
            return true;
        };
        if self.any {
            return true;
        }
        let origin = first.to_str().ok().and_then(Origin::read);
        let Some(origin) = origin.filter(|_| given.next().is_none()) else {
            return false;
        };
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let is_own =
            host.is_some_and(|host| authority_of(host, &origin.scheme) == origin.authority);
        is_own || self.others.contains(&origin)
    }
}

/// Watches over the origins of those who connect.
#[derive(Debug)]
pub(crate) struct Doorman {
    origins: Origins,
    refused: Mutex<Refused>,
}

#[derive(Debug, Default)]
struct Refused {
    last: Option<Instant>,
    count: u64,
}

impl Doorman {
    pub(crate) fn new(origins: Origins) -> Self {
        Self {
            origins,
            refused: Mutex::default(),
        }
    }

    /// The refusal of a page from elsewhere, which says what to set.
    pub(crate) fn refusal(&self, headers: &HeaderMap) -> Option<Answer> {
        if self.origins.admits(headers) {
            return None;
        }
        let said = |name| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            let value = value.unwrap_or("unreadable");
            value.chars().take(SHOWN).collect::<String>()
        };
        let (origin, host) = (said(ORIGIN), said(HOST));
        // A file, say, comes from "null": that names nobody.
        let named = Origin::read(&origin).map_or("'*'", |_| &*origin);
        if let Some(refused) = self.note(Instant::now()) {
            tracing::warn!(
                origin,
                host,
                refused,
                "a page from elsewhere was refused: if it is yours, set --origin {named}"
            );
        }
        let why = format!(
            "this page comes from {origin}, and the server is asked for as {host}: it lets only its own pages connect. If \
             the page is yours, start the server with --origin {named}\n"
        );
        Some(text(StatusCode::FORBIDDEN, &why))
    }

    /// Lets a page that may connect read this answer, too.
    pub(crate) fn share(&self, headers: &HeaderMap, answer: &mut Answer) {
        put(answer, VARY, "origin");
        if let Some(origin) = headers.get(ORIGIN)
            && self.origins.admits(headers)
        {
            let allowed = (ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            answer.headers_mut().extend([allowed]);
        }
    }

    /// How many have been refused, at the first of a burst.
    fn note(&self, now: Instant) -> Option<u64> {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.count += 1;
        let last = refused.last.replace(now);
        let begins = last.is_none_or(|last| now.saturating_duration_since(last) >= BURST);
        begins.then_some(refused.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(origins: &str, origin: &[&'static str], host: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        for origin in origin {
            headers.append(ORIGIN, origin.parse().unwrap());
        }
        headers.insert(HOST, host.parse().unwrap());
        origins.parse::<Origins>().unwrap().admits(&headers)
    }

    #[test]
    fn a_page_of_this_server_may_and_one_from_elsewhere_may_not() {
        for (origin, host, may) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
            ("http://127.0.0.1:8081", "127.0.0.1:8080", false),
            ("http://localhost:8080", "127.0.0.1:8080", false),
            ("https://play.example.org", "play.example.org", true),
            ("https://play.example.org", "Play.Example.org:443", true),
            ("http://play.example.org:80", "play.example.org", true),
            (
                "https://play.example.org.evil.org",
                "play.example.org",
                false,
            ),
            ("https://evil.org", "play.example.org", false),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("null", "play.example.org", false),
            ("file://", "play.example.org", false),
            ("https://", "play.example.org", false),
        ] {
            assert_eq!(admits("", &[origin], host), may, "{origin} at {host}");
        }
        assert!(admits("", &[], "any"), "no browser");
        let twice = ["https://a.org", "https://b.org"];
        assert!(!admits("", &twice, "a.org"));
    }

    #[test]
    fn those_that_are_named_may_too() {
        let named = "https://a.org, http://b.org:5173  https://C.org:443";
        for origin in ["https://a.org", "http://b.org:5173", "https://c.org"] {
            assert!(admits(named, &[origin], "play.example.org"), "{origin}");
        }
        for origin in ["http://a.org", "http://b.org", "https://d.org", "null"] {
            assert!(!admits(named, &[origin], "play.example.org"), "{origin}");
        }
        assert!(admits("*", &["null"], "play.example.org"));
        for bad in ["a.org", "https://a.org/", "ftp://a.org", "https://u@a.org"] {
            assert!(bad.parse::<Origins>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_burst_is_one_line_in_the_log() {
        let doorman = Doorman::new(Origins::default());
        let start = Instant::now();
        let seconds = [0, 1, 59, 118, 179, 300].map(Duration::from_secs);
        let told: Vec<_> = seconds.map(|at| doorman.note(start + at)).into();
        let expected = [Some(1), None, None, None, Some(5), Some(6)];
        assert_eq!(told, expected);
    }
}
