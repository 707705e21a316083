//! What the server answers to plain HTTP: the page, the level, and texts when something is missing.

mod answer;
mod explain;
mod health;
mod origin;
mod site;
mod upgrade;

use hyper::body::Bytes;
use hyper::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, VARY,
};
use hyper::{Method, StatusCode};

pub(crate) use answer::Answer;
use answer::{put, tagged, text};
pub(crate) use explain::answer as explain;
pub(crate) use health::health;
pub(crate) use origin::Doorman;
pub use origin::Origins;
pub use site::Site;
pub(crate) use upgrade::upgrade;

/// A year, and no question asked: the name changes with the content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Kept, but asked about each time.
const ASK: &str = "no-cache";

/// The page and the level that one server offers.
#[derive(Debug)]
pub(crate) struct Web {
    site: Site,
    level: Bytes,
}

impl Web {
    pub(crate) fn new(site: Site, level: &str) -> Self {
        Self {
            site,
            level: Bytes::copy_from_slice(level.as_bytes()),
        }
    }

    pub(crate) async fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Answer {
        if method != Method::GET && method != Method::HEAD {
            let mut refusal = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD here\n");
            put(&mut refusal, ALLOW, "GET, HEAD");
            return refusal;
        }
        if path == "/level" {
            let mut level = tagged(self.level.clone(), headers);
            put(&mut level, CONTENT_TYPE, "text/plain; charset=utf-8");
            put(&mut level, CACHE_CONTROL, ASK);
            return level;
        }
        let Some(file) = site::clean(path) else {
            return text(StatusCode::NOT_FOUND, "there is no such page\n");
        };
        match self.file(&file, headers).await {
            Some(answer) => answer,
            None if file == "index.html" => self.missing(),
            None => text(StatusCode::NOT_FOUND, "there is no such page\n"),
        }
    }

    /// A file of the page, compressed if the browser takes it and it lies there.
    async fn file(&self, path: &str, headers: &HeaderMap) -> Option<Answer> {
        let mut found = None;
        for (encoding, suffix) in [("br", ".br"), ("gzip", ".gz")] {
            if found.is_none() && accepts(headers, encoding) {
                let bytes = self.site.file(format!("{path}{suffix}")).await;
                found = bytes.map(|bytes| (bytes, Some(encoding)));
            }
        }
        let (bytes, encoding) = match found {
            Some(compressed) => compressed,
            None => (self.site.file(path.to_owned()).await?, None),
        };
        let mut answer = tagged(bytes, headers);
        put(&mut answer, CONTENT_TYPE, content_type(path));
        put(&mut answer, VARY, "accept-encoding");
        let forever = path.starts_with("assets/");
        put(
            &mut answer,
            CACHE_CONTROL,
            if forever { FOR_EVER } else { ASK },
        );
        if let Some(encoding) = encoding {
            put(&mut answer, CONTENT_ENCODING, encoding);
        }
        Some(answer)
    }

    fn missing(&self) -> Answer {
        let why = self.site.missing().unwrap_or_default();
        text(
            StatusCode::NOT_FOUND,
            &format!("The server is running, but {why}.\n"),
        )
    }
}

/// Whether the browser takes that encoding; `;q=0` means that it does not.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|offer| {
            let (name, quality) = offer.split_once(';').unwrap_or((offer, "q=1"));
            let quality = quality.trim().strip_prefix("q=").map(str::parse::<f32>);
            name.trim().eq_ignore_ascii_case(encoding) && !matches!(quality, Some(Ok(0.0)))
        })
}

fn content_type(path: &str) -> &'static str {
    let (_, extension) = path.rsplit_once('.').unwrap_or_default();
    match extension {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Full};
    use hyper::Response;
    use hyper::header::{
        CONTENT_SECURITY_POLICY, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH,
        X_CONTENT_TYPE_OPTIONS,
    };

    use super::*;

    fn web() -> Web {
        let site = Site::embedded(|path| {
            let bytes: &'static [u8] = match path {
                "index.html" => b"<!doctype html>",
                "assets/main-1a2b.js" => b"let x",
                "assets/main-1a2b.js.br" => b"BR",
                "assets/main-1a2b.js.gz" => b"GZ",
                "assets/game-3c4d.wasm" => b"\0asm",
                _ => return None,
            };
            Some(bytes.into())
        });
        Web::new(site, "#..#")
    }

    async fn get(
        web: &Web,
        path: &str,
        headers: &[(HeaderName, &'static str)],
    ) -> (Answer, String) {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect();
        let (parts, body) = web.answer(&Method::GET, path, &headers).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        (Response::from_parts(parts, Full::default()), text)
    }

    fn header(answer: &Answer, name: HeaderName) -> &str {
        answer
            .headers()
            .get(name)
            .map_or("", |v| v.to_str().unwrap())
    }

    #[tokio::test]
    async fn the_page_is_asked_for_each_time_and_its_assets_never_again() {
        let (page, body) = get(&web(), "/", &[]).await;
        assert_eq!(
            (page.status(), body.as_str()),
            (StatusCode::OK, "<!doctype html>")
        );
        assert_eq!(header(&page, CACHE_CONTROL), "no-cache");
        assert_eq!(header(&page, CONTENT_TYPE), "text/html; charset=utf-8");
        assert_eq!(header(&page, X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert!(header(&page, CONTENT_SECURITY_POLICY).contains("'wasm-unsafe-eval'"));
        let (wasm, _) = get(&web(), "/assets/game-3c4d.wasm", &[]).await;
        assert_eq!(header(&wasm, CONTENT_TYPE), "application/wasm");
        assert!(header(&wasm, CACHE_CONTROL).contains("immutable"));
    }

    #[tokio::test]
    async fn a_known_tag_saves_the_body() {
        let (page, _) = get(&web(), "/", &[]).await;
        let tag: &'static str = header(&page, ETAG).to_owned().leak();
        let (again, body) = get(&web(), "/", &[(IF_NONE_MATCH, tag)]).await;
        assert_eq!(
            (again.status(), body.as_str()),
            (StatusCode::NOT_MODIFIED, "")
        );
    }

    #[tokio::test]
    async fn the_browser_chooses_the_encoding() {
        let script = "/assets/main-1a2b.js";
        for (offer, body, encoding) in [
            ("gzip, deflate, br, zstd", "BR", "br"),
            ("gzip", "GZ", "gzip"),
            ("br;q=0, gzip;q=0.5", "GZ", "gzip"),
            ("identity", "let x", ""),
        ] {
            let (answer, got) = get(&web(), script, &[(ACCEPT_ENCODING, offer)]).await;
            assert_eq!(
                (got.as_str(), header(&answer, CONTENT_ENCODING)),
                (body, encoding)
            );
            assert_eq!(
                header(&answer, CONTENT_TYPE),
                "text/javascript; charset=utf-8"
            );
        }
    }

    #[tokio::test]
    async fn the_level_is_its_text() {
        let (level, body) = get(&web(), "/level", &[]).await;
        assert_eq!((level.status(), body.as_str()), (StatusCode::OK, "#..#"));
    }

    #[tokio::test]
    async fn a_missing_page_says_how_to_build_it() {
        let web = Web::new(Site::none().build_hint("cargo xtask web"), "");
        let (answer, body) = get(&web, "/", &[]).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert!(body.contains("run `cargo xtask web`"), "{body}");
        let (answer, _) = get(&web, "/other", &[]).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn only_reading_is_allowed() {
        let answer = web().answer(&Method::POST, "/", &HeaderMap::new()).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}
