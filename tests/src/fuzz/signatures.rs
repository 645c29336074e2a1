//! Texts that signatures are made of: each is read as everything it could be, and verifies with no
//! key that did not sign it.

use http::{HeaderMap, HeaderValue, Method, header};
use tcloud_core::sign::explain::first_difference;
use tcloud_core::sign::{Policy, encode, qsign, tc3};
use tcloud_core::time::{Timestamp, parse_http_date};

use super::Target;

pub(super) const TARGET: Target = Target {
    name: "signatures",
    entry: signatures,
    seeds: || Ok(SEEDS.iter().map(|seed| seed.as_bytes().to_vec()).collect()),
    pieces: PIECES,
    addressed: false,
    accepted: 2..=98,
};

const NOW: i64 = 1_700_000_000;

const SEEDS: [&str; 12] = [
    "q-sign-algorithm=sha1&q-ak=AKIDEXAMPLE&q-sign-time=1699999940;1700010000&q-key-time=1699999940;1700010000&q-header-list=content-type;host&q-url-param-list=cancel&q-signature=22f00eef7b980464b28e63f1ec4a21c492c6aa3f",
    "sign=q-sign-algorithm%3Dsha1%26q-ak%3DAKID%26q-sign-time%3D1%3B2%26q-key-time%3D1%3B2%26q-header-list%3Dhost%26q-url-param-list%3D%26q-signature%3D00",
    "q-sign-algorithm=sha1&q-ak=AKID&q-sign-time=1699999940%3B1700000300&q-key-time=1699999940%3B1700000300&q-header-list=host&q-url-param-list=&q-signature=87cdb943dcc10a1e49c087a729578b3d1b3e4610&x-cos-security-token=T",
    "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2023-11-14/mps/tc3_request, SignedHeaders=content-type;host, Signature=70185ef5e5b1ea934a8e2d9fcda2abd20b2cb2d92f58815118ffb7b469bafe19",
    "TC3-HMAC-SHA256 Credential=A/2023-11-14/127/tc3_request,SignedHeaders=host,Signature=00",
    "get\n/dir ./中文\na=1&b=%2F\nhost=h%3A80&x-ci-security-token=T%3D\n",
    "POST\n/\n\ncontent-type:application/json\nhost:h\n\ncontent-type;host\n00ff",
    "sha1\n1699999940;1700010000\nc4e5328b7086739fa76839048c8ea6282eceed42\n",
    "2022-06-27T15:23:10.123+08:00",
    "Tue, 14 Nov 2023 22:13:20 GMT",
    "/dir%20.%2F%E4%B8%AD%E6%96%87%20a%2Bb%252F%28~%29%27%21%2A.txt",
    "prefix=dir%2Fa+b%2Bc%2A~%C3%A9&delimiter=%2F&marker=&cancel",
];

/// Pieces that matter to one of the parsers.
const PIECES: &[&[u8]] = &[
    b"",
    b"&",
    b"=",
    b";",
    b",",
    b"/",
    b"\n",
    b"%",
    b"%F",
    b"%ff",
    b"+",
    b" ",
    b"\0",
    "é".as_bytes(),
    "中".as_bytes(),
    b"-",
    b":",
    b".",
    b"99999999999999999999",
    b"-9223372036854775808",
    b"q-ak=",
    b"Signature=",
    b"x-cos-security-token=",
    b"Z",
];

/// Reads a text as a q-sign and a TC3 signature, as what they sign, and as the times in them.
pub fn signatures(input: &[u8]) -> bool {
    read_as_everything(&String::from_utf8_lossy(input))
}

/// Reads `text` as everything it could be.
fn read_as_everything(text: &str) -> bool {
    let mut accepted = false;
    for name in ["authorization", "host", "x-tc-timestamp"] {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("h:80"));
        headers.insert("x-tc-timestamp", NOW.into());
        if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
            headers.insert(name, value);
        }
        accepted |= read_signatures(text, &headers);
    }
    let _ = Timestamp::from_text(text.to_owned()).is_well_formed();
    let _ = parse_http_date(text);
    let _ = encode::decode_path(text);
    for seed in SEEDS {
        let _ = first_difference(seed, text).map(|difference| difference.to_string());
    }
    accepted
}

/// Returns whether it is a signature.
fn read_signatures(text: &str, headers: &HeaderMap) -> bool {
    let mut accepted = false;
    let refused = "nothing here is signed with this key";
    let query = encode::decode_query(text).unwrap_or_default();
    let request = qsign::Request {
        method: &Method::GET,
        path: text,
        query: &query,
        headers,
    };
    let found = qsign::Authorization::from_request(&request);
    for signed in [found, qsign::Authorization::parse(text)]
        .into_iter()
        .flatten()
    {
        let result = signed.verify(&request, Some("SECRET"), NOW, Policy::COS);
        assert!(result.is_err(), "{refused}: {text:?}");
        accepted = true;
    }
    let payload = text.as_bytes();
    let request = tc3::Request {
        method: &Method::POST,
        query: text,
        headers,
        payload,
    };
    let found = tc3::Authorization::from_request(&request);
    for signed in [found, tc3::Authorization::parse(text)]
        .into_iter()
        .flatten()
    {
        let result = signed.verify(&request, Some("SECRET"), NOW, Policy::TC3);
        assert!(result.is_err(), "{refused}: {text:?}");
        accepted = true;
    }
    accepted
}
