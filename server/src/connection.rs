//! One connection: first HTTP, then perhaps a player's session.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::{OnUpgrade, Parts, Upgraded};
use hyper::{Method, Request};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tickwire_engine::{RoomHandle, SessionId};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::explain::Explain;
use crate::session::{self, Bell, SessionLimits, Stamped, Visitor};
use crate::stopping::Stopping;
use crate::web::{Answer, Doorman, Web, explain, health, upgrade};

/// For a request's head to arrive, and for the next one on a connection that is kept open.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// For all of HTTP on one connection: longer than any download of a page, short for one who only holds it open.
const HTTP_LIFETIME: Duration = Duration::from_secs(120);

/// For answers that are under way when the server stops.
const HTTP_FAREWELL: Duration = Duration::from_millis(300);

/// Bytes of a request's head.
const HEAD_BYTES: usize = 16 * 1024;

/// Headers of a request.
const HEADERS: usize = 64;

/// Bytes that the system may hold back for a player whose link is slow. By default that would be megabytes: seconds of old
/// snapshots. A link of 200 ms round trip still gets more than 1 Mbit/s through this.
const SEND_BUFFER: usize = 32 * 1024;

/// What all connections of a server share.
pub(crate) struct Shared {
    pub(crate) game: &'static str,
    pub(crate) tick_rate: u32,
    pub(crate) web: Web,
    pub(crate) doorman: Doorman,
    pub(crate) room: RoomHandle,
    pub(crate) limits: SessionLimits,
    pub(crate) bell: Arc<Bell>,
    pub(crate) explain: Option<Arc<Explain>>,
    pub(crate) stopping: Stopping,
    pub(crate) sessions: AtomicU64,
}

/// Serves a connection until it ends.
pub(crate) async fn serve(stream: TcpStream, peer: SocketAddr, shared: &Shared) {
    // Without it a snapshot waits for the acknowledgement of the last one.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "TCP_NODELAY was refused");
    }
    // In a place of its own, which is given back: a session lasts longer, and what it needs is to lie close together.
    let Some(upgraded) = Box::pin(http(stream, peer, shared)).await else {
        return;
    };
    // It is the type that went in, so taking it apart succeeds; the raw stream saves a layer of indirection.
    let Ok(Parts { io, read_buf, .. }) = upgraded.downcast::<TokioIo<TcpStream>>() else {
        return;
    };
    let stream = io.into_inner();
    if let Err(error) = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER) {
        tracing::debug!(%peer, %error, "SO_SNDBUF was refused");
    }
    let visitor = Visitor {
        stream: Stamped::new(stream, shared.bell.has_rounds()),
        early: read_buf.into(),
        session: SessionId(shared.sessions.fetch_add(1, Ordering::Relaxed)),
        peer,
    };
    session::run(
        visitor,
        &shared.room,
        shared.limits,
        &shared.bell,
        shared.explain.as_ref(),
        shared.stopping.clone(),
    )
    .await;
}

/// Answers requests; if one of them is for the WebSocket, gives what is below HTTP.
async fn http(stream: TcpStream, peer: SocketAddr, shared: &Shared) -> Option<Upgraded> {
    let upgrade = Mutex::new(None);
    {
        let service =
            service_fn(async |request| Ok::<_, Infallible>(route(request, shared, &upgrade).await));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEADERS)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = std::pin::pin!(timeout(HTTP_LIFETIME, connection));
        let mut stopping = shared.stopping.clone();
        let served = tokio::select! {
            served = &mut connection => served,
            () = stopping.wait() => {
                // What is being answered gets a moment; what lies open does not.
                let Ok(served) = timeout(HTTP_FAREWELL, connection).await else {
                    return None;
                };
                served
            }
        };
        if let Ok(Err(error)) = served {
            tracing::debug!(%peer, %error, "connection ended early");
        }
    }
    let upgrade: Option<OnUpgrade> = upgrade.into_inner().unwrap_or_else(PoisonError::into_inner);
    upgrade?.await.ok()
}

async fn route<B>(
    mut request: Request<B>,
    shared: &Shared,
    place: &Mutex<Option<OnUpgrade>>,
) -> Answer {
    match request.uri().path() {
        "/ws" => {
            let (answer, upgrade) = upgrade(&mut request, &shared.doorman);
            *place.lock().unwrap_or_else(PoisonError::into_inner) = upgrade;
            answer
        }
        "/healthz" => health(shared.room.stats(), shared.game, shared.tick_rate).await,
        path => {
            let (method, headers) = (request.method(), request.headers());
            let reads = method == Method::GET || method == Method::HEAD;
            let explained = shared.explain.as_ref().filter(|_| reads);
            let query = request.uri().query();
            if let Some(answer) = explained.and_then(|books| explain(books, path, query, headers)) {
                return answer;
            }
            let mut answer = shared.web.answer(method, path, headers).await;
            if path == "/level" {
                shared.doorman.share(headers, &mut answer);
            }
            answer
        }
    }
}
