//! What the bytes to each client are for: off unless the operator asks for it.
//!
//! Each session's task reads along what it sends, as the client does. So the game's thread does not know of it, and what is
//! shown is what went into the socket.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tickwire_engine::SessionId;
use tickwire_protocol::Game;
use tickwire_protocol::GameSchema;
use tickwire_protocol::explain::{Account, Cause, Ledger, Reason, Report, Shadow};
use tickwire_protocol::message::{ClientControl, ClientMessage, decode_client};

/// Bytes of a WebSocket's ping.
const PING: u64 = 2;

/// The accounts of all sessions.
#[derive(Debug)]
pub(crate) struct Explain {
    schema: GameSchema,
    name_of: fn(&[u8], &GameSchema) -> Option<String>,
    started: Instant,
    books: Mutex<Books>,
}

#[derive(Debug, Default)]
struct Books {
    sessions: BTreeMap<SessionId, Arc<Mutex<Entry>>>,
    /// Of the sessions that have ended.
    ended: Ledger,
}

#[derive(Debug)]
struct Entry {
    name: String,
    account: Account,
    /// Why there is no more to say: a defect.
    broken: Option<String>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Explain {
    /// For a server of `G` that has no session yet.
    pub(crate) fn new<G: Game>() -> Arc<Self> {
        Arc::new(Self {
            schema: GameSchema::of::<G>(),
            name_of: name_of::<G>,
            started: Instant::now(),
            books: Mutex::default(),
        })
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Begins to listen to what a client is sent that has said `hello`.
    pub(crate) fn listen(self: &Arc<Self>, session: SessionId, hello: &[u8]) -> Listener {
        let entry = Arc::new(Mutex::new(Entry {
            name: (self.name_of)(hello, &self.schema).unwrap_or_default(),
            account: Account::new(self.now()),
            broken: None,
        }));
        let mut books = lock(&self.books);
        books.sessions.insert(session, Arc::clone(&entry));
        Listener {
            explain: Arc::clone(self),
            session,
            shadow: Shadow::new(self.schema.clone()),
            entry,
        }
    }

    /// The accounts of one session, or of all together; JSON. `None` when there is no such session (any more).
    pub(crate) fn report(&self, session: Option<SessionId>) -> Option<String> {
        let now = self.now();
        let books = lock(&self.books);
        let mut all = (books.ended.clone(), now);
        let mut recent = (Ledger::new(), Duration::ZERO);
        let mut clients = Vec::new();
        let mut chosen = None;
        for (id, entry) in &books.sessions {
            let mut entry = lock(entry);
            entry.account.advance(now);
            let (its_recent, its_all) = (entry.account.recent(), entry.account.all());
            recent.0.merge(&its_recent.0);
            recent.1 = recent.1.max(its_recent.1);
            all.0.merge(&its_all.0);
            clients.push(Client {
                session: id.0,
                name: entry.name.clone(),
                bits: its_all.0.total(),
                recent_bits: its_recent.0.total(),
                recent_seconds: its_recent.1.as_secs_f64(),
                broken: entry.broken.clone(),
            });
            if session == Some(*id) {
                chosen = Some((its_recent, its_all));
            }
        }
        drop(books);
        let (recent, all) = match session {
            None => (recent, all),
            Some(_) => chosen?,
        };
        let page = Page {
            game: self.schema.name,
            tick_rate: self.schema.tick_rate,
            clients,
            session: session.map(|session| session.0),
            recent: Report::new(&recent, &self.schema.rows),
            all: Report::new(&all, &self.schema.rows),
        };
        serde_json::to_string(&page).ok()
    }
}

/// What the page reads.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    game: &'static str,
    tick_rate: u32,
    clients: Vec<Client>,
    /// Whose figures follow; all clients' together without it.
    session: Option<u64>,
    recent: Report,
    all: Report,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Client {
    session: u64,
    name: String,
    bits: u64,
    recent_bits: u64,
    recent_seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<String>,
}

/// How the player wants to be called.
fn name_of<G: Game>(hello: &[u8], schema: &GameSchema) -> Option<String> {
    match decode_client::<G>(hello, schema) {
        Ok(ClientMessage::Control(ClientControl::Hello { name, .. })) => Some(name),
        _ => None,
    }
}

/// Hears what one client is sent; dropped when the session ends.
pub(crate) struct Listener {
    explain: Arc<Explain>,
    session: SessionId,
    shadow: Shadow,
    entry: Arc<Mutex<Entry>>,
}

impl Listener {
    /// A message that goes to the client now.
    pub(crate) fn hear(&mut self, message: &[u8]) {
        let mut entry = lock(&self.entry);
        if entry.broken.is_some() {
            return;
        }
        let ledger = entry.account.at(self.explain.now());
        if let Err(error) = self.shadow.hear(message, ledger) {
            tracing::error!(session = %self.session, %error, "what a client is sent cannot be read");
            entry.broken = Some(error.to_string());
        }
    }

    /// A ping of the WebSocket itself.
    pub(crate) fn hear_ping(&self) {
        let mut entry = lock(&self.entry);
        let ledger = entry.account.at(self.explain.now());
        ledger.add(Cause::of(Reason::WebSocket), 8 * PING);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let (all, _) = lock(&self.entry).account.all();
        let mut books = lock(&self.explain.books);
        books.sessions.remove(&self.session);
        books.ended.merge(&all);
    }
}
