//! Answers, and the headers that all of them have.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_NONE_MATCH, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};
use xxhash_rust::xxh3::xxh3_64;

/// What goes back to the browser.
pub(crate) type Answer = Response<Full<Bytes>>;

/// Compiled scripts only from this server, no foreign frames, no foreign requests but WebSockets.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:; \
     style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// An answer of plain text.
pub(crate) fn text(status: StatusCode, text: &str) -> Answer {
    let mut answer = plain(status, Bytes::copy_from_slice(text.as_bytes()));
    put(&mut answer, CONTENT_TYPE, "text/plain; charset=utf-8");
    put(&mut answer, CACHE_CONTROL, "no-store");
    answer
}

/// Sets a header.
pub(crate) fn put(answer: &mut Answer, name: HeaderName, value: &'static str) {
    answer
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
}

/// An answer with the headers that every answer has.
fn plain(status: StatusCode, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    put(&mut answer, CONTENT_SECURITY_POLICY, POLICY);
    put(&mut answer, X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(&mut answer, REFERRER_POLICY, "no-referrer");
    answer
}

/// The bytes under a tag of their content, or only the word that the browser has them already.
pub(crate) fn tagged(bytes: Bytes, headers: &HeaderMap) -> Answer {
    let tag = format!("\"{:016x}\"", xxh3_64(&bytes));
    let known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == tag);
    let mut answer = if known {
        plain(StatusCode::NOT_MODIFIED, Bytes::new())
    } else {
        plain(StatusCode::OK, bytes)
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.headers_mut().insert(ETAG, tag);
    }
    answer
}
