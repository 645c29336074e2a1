//! Requests that are none, and requests within requests.

use crate::served::{BUCKET, Served, statuses};

/// Heads that HTTP or the service forbids; `{host}` is that of the bucket.
const MALFORMED: &[&str] = &[
    "\r\n\r\n\r\n\r\n",
    "GET\r\n\r\n",
    "GET /\r\n\r\n",
    "GET / HTTP\r\n\r\n",
    "GET / HTTP/0.9\r\n\r\n",
    "GET / HTTP/1.2\r\n{host}\r\n\r\n",
    "GET / HTTP/2.0\r\n{host}\r\n\r\n",
    "GET / HTTP/3\r\n{host}\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET  / HTTP/1.1\r\n{host}\r\n\r\n",
    "GET / HTTP/1.1 \r\n{host}\r\n\r\n",
    " GET / HTTP/1.1\r\n{host}\r\n\r\n",
    "G\u{0}T / HTTP/1.1\r\n{host}\r\n\r\n",
    "G(T / HTTP/1.1\r\n{host}\r\n\r\n",
    "GET /\u{0} HTTP/1.1\r\n{host}\r\n\r\n",
    "GET /a b HTTP/1.1\r\n{host}\r\n\r\n",
    "GET /%zz HTTP/1.1\r\n{host}\r\n\r\n",
    "GET /%ff%fe HTTP/1.1\r\n{host}\r\n\r\n",
    "GET /?a=%ff HTTP/1.1\r\n{host}\r\n\r\n",
    "GET k HTTP/1.1\r\n{host}\r\n\r\n",
    "GET ../k HTTP/1.1\r\n{host}\r\n\r\n",
    "GET http:// HTTP/1.1\r\n{host}\r\n\r\n",
    "GET http:///k HTTP/1.1\r\n{host}\r\n\r\n",
    "GET http://example.com/ HTTP/1.1\r\n{host}\r\n\r\n",
    "GET https://[::1/ HTTP/1.1\r\n{host}\r\n\r\n",
    "GET ftp://example.com/ HTTP/1.1\r\n{host}\r\n\r\n",
    "CONNECT example.com:443 HTTP/1.1\r\n{host}\r\n\r\n",
    "CONNECT / HTTP/1.1\r\n{host}\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\n{host}\r\n\r\n",
    "TRACE / HTTP/1.1\r\n{host}\r\n\r\n",
    "BREW /k HTTP/1.1\r\n{host}\r\n\r\n",
    "PUT /k HTTP/1.1\r\n\r\n",
    "PUT /k HTTP/1.1\r\nHost: \r\nContent-Length: 1\r\n\r\nx",
    "PUT /k HTTP/1.1\r\nHost: a b\r\nContent-Length: 1\r\n\r\nx",
    "PUT /k HTTP/1.1\r\nHost: ../..\r\nContent-Length: 1\r\n\r\nx",
    "PUT /k HTTP/1.1\r\nHost: x.cos.y.z.myqcloud.com\r\nContent-Length: 1\r\n\r\nx",
    "PUT /k HTTP/1.1\r\n{host}\r\nContent-Length: -1\r\n\r\nx",
    "PUT /k HTTP/1.1\r\n{host}\r\nContent-Length: +1\r\n\r\nx",
    "PUT /k HTTP/1.1\r\n{host}\r\nContent-Length: 0x1\r\n\r\nx",
    "PUT /k HTTP/1.1\r\n{host}\r\nContent-Length: 1 1\r\n\r\nx",
    "PUT /k HTTP/1.1\r\n{host}\r\nContent-Length: 99999999999999999999999\r\n\r\nx",
    "PUT /k HTTP/1.1\r\n{host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
    "PUT /k HTTP/1.1\r\n{host}\r\nContent-Length: 1, 2\r\n\r\nxy",
    "PUT /k HTTP/1.1\r\n{host}\r\nContent-Length: 5\r\n\r\nx",
    "PUT /k HTTP/1.1\r\n{host}\r\nContent-Length: 6000000000\r\n\r\nx",
    "PUT /k HTTP/1.1\r\n{host}\r\nTransfer-Encoding: gzip\r\n\r\nx",
    "PUT /k HTTP/1.1\r\n{host}\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "PUT /k HTTP/1.1\r\n{host}\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
    "PUT /k HTTP/1.1\r\n{host}\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nx\r\n0\r\n\r\n",
    "PUT /k HTTP/1.1\r\n{host}\r\nTransfer-Encoding: chunked\r\n\r\n\
     ffffffffffffffffff\r\nx\r\n0\r\n\r\n",
    "PUT /k HTTP/1.1\r\n{host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx",
    "PUT /k HTTP/1.1\r\n{host}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n",
    "PUT /k HTTP/1.1\r\n{host}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
    "PUT /k HTTP/1.1\r\n{host}\r\nno colon\r\n\r\n",
    "PUT /k HTTP/1.1\r\n{host}\r\n: no name\r\n\r\n",
    "PUT /k HTTP/1.1\r\n{host}\r\nBad Name: x\r\n\r\n",
    "PUT /k HTTP/1.1\r\n{host}\r\nX-Cos-Meta-A: a\u{0}b\r\nContent-Length: 0\r\n\r\n",
    "PUT /k HTTP/1.1\r\n{host}\r\nContent-MD5: \u{7f}\r\nContent-Length: 0\r\n\r\n",
    "PUT /k HTTP/1.1\r\n{host}\r\nx-cos-meta-a: b\r\n folded\r\nContent-Length: 0\r\n\r\n",
    "PUT /k HTTP/1.1\r\n{host}\r\nContent-Length : 1\r\n\r\nx",
    "GET /?max-keys=99999999999999999999 HTTP/1.1\r\n{host}\r\n\r\n",
    "GET /?max-keys=NaN HTTP/1.1\r\n{host}\r\n\r\n",
    "PUT /?acl&tagging&policy HTTP/1.1\r\n{host}\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\n{host}\r\nX-TC-Action: \u{1}\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\n{host}\r\nX-TC-Action: ../../ProcessImage\r\nContent-Length: 2\r\n\r\n{}",
];

/// Framings over which two servers may disagree, each followed by a request of its own that would
/// store the object `smuggled`.
const AMBIGUOUS: &[&str] = &[
    "Content-Length: 4\r\nContent-Length: 0\r\n\r\n",
    "Content-Length: 0\r\nContent-Length: 4\r\n\r\n",
    "Content-Length: 0, 4\r\n\r\n",
    "Content-Length: 4\r\nTransfer-Encoding: x, identity\r\n\r\n",
    "Content-Length: 4\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "Content-Length: 4\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "Content-Length: 4\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Content-Length: 4\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: identity\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n0;a=\"\r\n\"\r\nx\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n00000000000000000000000000g\r\n\r\n",
];

fn host() -> String {
    format!("Host: {BUCKET}.cos.ap-guangzhou.myqcloud.com\r\nConnection: close")
}

/// Heads that are well formed and too long.
fn excessive() -> Vec<String> {
    let mut requests: Vec<_> = [
        "x".repeat(100_000),
        "/".repeat(100_000),
        "%41".repeat(30_000),
    ]
    .into_iter()
    .map(|path| format!("GET /{path} HTTP/1.1\r\n{{host}}\r\n\r\n"))
    .collect();
    let headers = "a: b\r\n".repeat(1000);
    requests.push(format!("GET / HTTP/1.1\r\n{{host}}\r\n{headers}\r\n"));
    requests
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    let served = Served::new().await;
    let mut faults = Vec::new();
    let mut requests: Vec<_> = MALFORMED.iter().map(ToString::to_string).collect();
    requests.extend(excessive());
    for request in &requests {
        let request = request.replace("{host}", &host());
        let answer = served.exchange(request.as_bytes()).await;
        let is_refusal = |status: &&str| {
            status.starts_with('4')
                || matches!(*status, "501" | "505")
                || (*status == "200" && answer.contains("\"Error\""))
        };
        // One that cannot be read may be dropped without an answer.
        if !statuses(&answer).iter().all(is_refusal) {
            faults.push(fault(&request, &answer));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    served.assert_holds(&[]).await;
    println!("figure: {} malformed requests refused", requests.len());
}

/// The answer is to the first request or a refusal, and the one behind it never gets there.
#[tokio::test]
async fn a_request_is_not_smuggled_in_another() {
    let served = Served::new().await;
    let mut faults = Vec::new();
    let hidden = format!(
        "PUT /smuggled HTTP/1.1\r\n{}\r\nContent-Length: 0\r\n\r\n",
        host()
    );
    for framing in AMBIGUOUS {
        let host = host().replace("Connection: close", "X: keep alive");
        let request = format!("GET /none HTTP/1.1\r\n{host}\r\n{framing}{hidden}");
        let answer = served.exchange(request.as_bytes()).await;
        let is_refusal = |status: &&str| status.starts_with('4') || *status == "501";
        let statuses = statuses(&answer);
        if statuses.len() > 2 || !statuses.iter().all(is_refusal) {
            faults.push(fault(&request, &answer));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    served.assert_holds(&[]).await;
    println!(
        "figure: {} ambiguous framings, no request smuggled",
        AMBIGUOUS.len()
    );
}

fn fault(request: &str, answer: &str) -> String {
    let shown: String = request.chars().take(200).collect();
    let answered: String = answer.chars().take(300).collect();
    format!("{shown:?}: {answered:?}")
}
