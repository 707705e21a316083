//! From HTTP to WebSocket.

use hyper::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, StatusCode};
use tickwire_protocol::message::SUBPROTOCOL;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::answer::{Answer, put, text};
use super::origin::Doorman;

/// Agrees to a WebSocket, or answers what is wrong with the request.
pub(crate) fn upgrade<B>(
    request: &mut Request<B>,
    doorman: &Doorman,
) -> (Answer, Option<OnUpgrade>) {
    let refusal = objection(request);
    if let Some(refusal) = refusal.or_else(|| doorman.refusal(request.headers())) {
        return (refusal, None);
    }
    let key = request.headers().get(SEC_WEBSOCKET_KEY);
    let accept = derive_accept_key(key.map_or(b"", HeaderValue::as_bytes));
    let mut agreed = text(StatusCode::SWITCHING_PROTOCOLS, "");
    agreed.headers_mut().clear();
    put(&mut agreed, CONNECTION, "upgrade");
    put(&mut agreed, UPGRADE, "websocket");
    put(&mut agreed, SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
    if let Ok(accept) = HeaderValue::try_from(accept) {
        agreed.headers_mut().insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    (agreed, Some(hyper::upgrade::on(request)))
}

/// What keeps a request from becoming a WebSocket.
fn objection<B>(request: &Request<B>) -> Option<Answer> {
    let headers = request.headers();
    if request.method() != Method::GET
        || !lists(headers, CONNECTION, "upgrade")
        || !lists(headers, UPGRADE, "websocket")
    {
        let why = "here is a WebSocket; connect to it by one\n";
        let mut refusal = text(StatusCode::UPGRADE_REQUIRED, why);
        put(&mut refusal, UPGRADE, "websocket");
        return Some(refusal);
    }
    if !lists(headers, SEC_WEBSOCKET_VERSION, "13") {
        let why = "WebSocket version 13 is spoken here\n";
        let mut refusal = text(StatusCode::UPGRADE_REQUIRED, why);
        put(&mut refusal, SEC_WEBSOCKET_VERSION, "13");
        return Some(refusal);
    }
    if !headers.contains_key(SEC_WEBSOCKET_KEY) {
        let why = "the header Sec-WebSocket-Key is missing\n";
        return Some(text(StatusCode::BAD_REQUEST, why));
    }
    if !offers_subprotocol(headers) {
        let why = format!(
            "this server speaks the WebSocket subprotocol {SUBPROTOCOL}, which the client did not offer in the \
             header Sec-WebSocket-Protocol\n"
        );
        return Some(text(StatusCode::BAD_REQUEST, &why));
    }
    None
}

/// Subprotocols are told apart by case, unlike the other lists.
fn offers_subprotocol(headers: &HeaderMap) -> bool {
    entries(headers, SEC_WEBSOCKET_PROTOCOL).any(|entry| entry == SUBPROTOCOL)
}

fn lists(headers: &HeaderMap, name: HeaderName, wanted: &str) -> bool {
    entries(headers, name).any(|entry| entry.eq_ignore_ascii_case(wanted))
}

fn entries(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(str::trim))
}

#[cfg(test)]
mod tests {
    use hyper::header::ORIGIN;

    use super::*;

    fn status(headers: &[(HeaderName, &'static str)]) -> StatusCode {
        let mut request = Request::new(());
        for (name, value) in headers {
            request
                .headers_mut()
                .append(name, HeaderValue::from_static(value));
        }
        let doorman = Doorman::new("https://a.org".parse().unwrap());
        let (answer, upgrade) = upgrade(&mut request, &doorman);
        let agreed = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
        assert_eq!(upgrade.is_some(), agreed);
        if agreed {
            let headers = answer.headers();
            assert_eq!(headers[SEC_WEBSOCKET_PROTOCOL], SUBPROTOCOL);
            // The example of RFC 6455.
            assert_eq!(
                headers[SEC_WEBSOCKET_ACCEPT],
                "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
            );
        }
        answer.status()
    }

    #[test]
    fn a_request_needs_all_its_parts() {
        let parts = [
            (CONNECTION, "keep-alive, Upgrade"),
            (UPGRADE, "WebSocket"),
            (SEC_WEBSOCKET_VERSION, "13"),
            (SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ=="),
            (SEC_WEBSOCKET_PROTOCOL, "other, tickwire.v3"),
        ];
        assert_eq!(status(&parts), StatusCode::SWITCHING_PROTOCOLS);
        for (missing, expected) in [426, 426, 426, 400, 400].into_iter().enumerate() {
            let mut rest = parts.to_vec();
            rest.remove(missing);
            assert_eq!(
                status(&rest).as_u16(),
                expected,
                "without {}",
                parts[missing].0
            );
        }
        let from = |origin| [&parts[..], &[(ORIGIN, origin)]].concat();
        assert_eq!(status(&from("https://b.org")), StatusCode::FORBIDDEN);
        assert_eq!(
            status(&from("https://a.org")),
            StatusCode::SWITCHING_PROTOCOLS
        );
        let mut other = parts.to_vec();
        other[4].1 = "tickwire.v2";
        assert_eq!(status(&other), StatusCode::BAD_REQUEST);
    }
}
