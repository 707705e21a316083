//! `/explain`: where the bytes go, as a page that shows it live.

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap};
use tickwire_engine::SessionId;

use super::answer::{Answer, put, tagged, text};
use super::{ASK, content_type};
use crate::explain::Explain;

/// The page's files by their paths.
const FILES: [(&str, &str); 7] = [
    ("/explain", include_str!("explain/index.html")),
    ("/explain/page.js", include_str!("explain/page.js")),
    ("/explain/page.css", include_str!("explain/page.css")),
    ("/explain/view.js", include_str!("explain/view.js")),
    ("/explain/view.css", include_str!("explain/view.css")),
    ("/explain/figures.js", include_str!("explain/figures.js")),
    (
        "/explain/d3-hierarchy.min.js",
        include_str!("explain/d3-hierarchy.min.js"),
    ),
];

/// Answers what belongs to the page; `None` for all other paths.
pub(crate) fn answer(
    explain: &Explain,
    path: &str,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Option<Answer> {
    if path == "/explain.json" {
        return Some(figures(explain, query));
    }
    let (name, file) = FILES.iter().find(|(name, _)| *name == path)?;
    let mut answer = tagged(Bytes::from_static(file.as_bytes()), headers);
    let kind = content_type(if *name == "/explain" { ".html" } else { name });
    put(&mut answer, CONTENT_TYPE, kind);
    put(&mut answer, CACHE_CONTROL, ASK);
    Some(answer)
}

/// `?client=7` asks for one session.
fn figures(explain: &Explain, query: Option<&str>) -> Answer {
    let wanted = query.and_then(|query| query.strip_prefix("client="));
    let report = match wanted.map(str::parse) {
        None => explain.report(None),
        Some(Ok(session)) => explain.report(Some(SessionId(session))),
        Some(Err(_)) => {
            return text(
                StatusCode::BAD_REQUEST,
                "?client= takes a session's number\n",
            );
        }
    };
    let Some(report) = report else {
        return text(StatusCode::NOT_FOUND, "that client is gone\n");
    };
    let mut answer = text(StatusCode::OK, &report);
    put(&mut answer, CONTENT_TYPE, "application/json");
    answer
}
