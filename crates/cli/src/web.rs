//! What other servers have, by its URL.

use std::time::Duration;

use tcloud_core::body::Body;
use tcloud_core::http::header::{HOST, LOCATION};
use tcloud_core::http::{Request, Response};
use tcloud_core::transport::{Reqwest, Transport};
use url::Url;

use crate::error::Error;

/// So many redirects are followed.
const REDIRECTS: usize = 10;
/// A picture takes no longer.
const TIME: Duration = Duration::from_mins(1);

/// What is at `url`, up to `most` bytes of it.
pub(crate) async fn fetch(url: &str, most: u64) -> Result<Vec<u8>, Error> {
    let failed = |why: &str| Error::Failed(format!("{url}: {why}; check the address"));
    let fetched = tokio::time::timeout(TIME, follow(url, most)).await;
    match fetched {
        Ok(fetched) => fetched.map_err(|why| failed(&why)),
        Err(_) => Err(failed(&format!("not there within {} s", TIME.as_secs()))),
    }
}

async fn follow(url: &str, most: u64) -> Result<Vec<u8>, String> {
    let transport = Reqwest::new().map_err(|error| error.to_string())?;
    let mut url = Url::parse(url).map_err(|error| format!("it is no URL: {error}"))?;
    for _ in 0..REDIRECTS {
        let answer = get(&transport, &url).await?;
        let status = answer.status();
        if !status.is_redirection() {
            if !status.is_success() {
                return Err(format!("the server answered {status}"));
            }
            return read(answer.into_body(), most).await;
        }
        let next = answer
            .headers()
            .get(LOCATION)
            .and_then(|it| it.to_str().ok());
        let next = next.ok_or_else(|| "it leads elsewhere, and does not say where".to_owned())?;
        url = url
            .join(next)
            .map_err(|error| format!("it leads to {next}: {error}"))?;
    }
    Err("it leads elsewhere too often".to_owned())
}

async fn get(transport: &Reqwest, url: &Url) -> Result<Response<Body>, String> {
    let host = url
        .host_str()
        .filter(|_| matches!(url.scheme(), "http" | "https"));
    let host = host.ok_or_else(|| format!("{url} is no address of the web"))?;
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let request = Request::get(url.as_str())
        .header(HOST, host)
        .body(Body::empty())
        .map_err(|error| error.to_string())?;
    let answer = transport.send(request).await;
    answer.map_err(|error| error.to_string())
}

async fn read(mut body: Body, most: u64) -> Result<Vec<u8>, String> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    while let Some(chunk) = body.chunk().await {
        let chunk = chunk.map_err(|error| format!("the answer broke off: {error}"))?;
        let room = most.saturating_sub(bytes.len());
        bytes.extend(chunk.iter().take(room));
        if bytes.len() >= most {
            break;
        }
    }
    Ok(bytes)
}
