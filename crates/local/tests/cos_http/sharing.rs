//! What web pages of other sites may do with a bucket, by its CORS rules.

use http::{HeaderName, HeaderValue};
use tcloud_cos::Client;
use tcloud_cos::types::{CorsMethod, CorsRule, ObjectAcl};

use crate::fixture::{Answered, BUCKET, Fixture, bucket_host, code, request};

const SITE: &str = "https://www.example.com";

/// A cloud with rules for its bucket, and an object `k` that anyone may read.
async fn ruled() -> (Fixture, Client) {
    let (fixture, client) = Fixture::with_bucket().await;
    let site = CorsRule::new(
        [SITE, "http://*.local.example"],
        [CorsMethod::Get, CorsMethod::Put],
    )
    .allowed_headers(["Content-Type", "x-cos-*"])
    .expose_headers(["ETag", "x-cos-request-id"])
    .max_age_seconds(600);
    let anyone = CorsRule::new(["*"], [CorsMethod::Head]);
    client
        .put_bucket_cors(BUCKET, [site, anyone])
        .send()
        .await
        .unwrap();
    let put = client.put_object(BUCKET, "k", "v");
    put.acl(ObjectAcl::PublicRead).send().await.unwrap();
    (fixture, client)
}

async fn send(fixture: &Fixture, line: &str, headers: &[(&'static str, &str)]) -> Answered {
    let mut request = request(line, &bucket_host());
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).unwrap();
        request
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
    fixture.send(request).await
}

#[tokio::test]
async fn a_browser_is_answered_by_the_rules() {
    let (fixture, _) = ruled().await;
    // Whatever the request to come is for, and however it is signed.
    for line in [
        "OPTIONS /k",
        "OPTIONS /",
        "OPTIONS /k?uploads&q-signature=0",
        "OPTIONS /?acl",
    ] {
        let asked = [
            ("origin", SITE),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "content-type, X-Cos-Acl"),
        ];
        let answer = send(&fixture, line, &asked).await;
        assert_eq!(answer.status, 200, "{line}: {}", answer.text);
        for (name, value) in [
            ("access-control-allow-origin", SITE),
            ("access-control-allow-methods", "GET,PUT"),
            ("access-control-allow-headers", "content-type,X-Cos-Acl"),
            ("access-control-expose-headers", "ETag,x-cos-request-id"),
            ("access-control-max-age", "600"),
            ("vary", "Origin"),
        ] {
            assert_eq!(answer.header(name), value, "{line}: {name}");
        }
    }
    let anyone = [
        ("origin", "null"),
        ("access-control-request-method", "HEAD"),
    ];
    let answer = send(&fixture, "OPTIONS /k", &anyone).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    for (origin, method, headers) in [
        ("https://evil.example", "PUT", ""),
        (SITE, "DELETE", ""),
        (SITE, "PUT", "authorization"),
        ("https://www.example.com.evil.example", "GET", ""),
    ] {
        let asked = [
            ("origin", origin),
            ("access-control-request-method", method),
            ("access-control-request-headers", headers),
        ];
        let answer = send(&fixture, "OPTIONS /k", &asked).await;
        assert_eq!(answer.status, 403, "{origin} {method} {headers}");
        assert_eq!(answer.element("Code"), "AccessForbidden");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    let asked = [("origin", SITE)];
    let answer = send(&fixture, "OPTIONS /k", &asked).await;
    assert_eq!(answer.element("Code"), "InvalidArgument", "{}", answer.text);
}

#[tokio::test]
async fn every_answer_to_a_page_says_what_it_may_read() {
    let (fixture, client) = ruled().await;
    let origin = [("origin", SITE)];
    for (line, status) in [("GET /k", 200), ("GET /none", 403), ("GET /k?acl", 403)] {
        let answer = send(&fixture, line, &origin).await;
        assert_eq!(answer.status.as_u16(), status, "{line}: {}", answer.text);
        assert_eq!(answer.header("access-control-allow-origin"), SITE, "{line}");
        let exposed = answer.header("access-control-expose-headers");
        assert_eq!(exposed, "ETag,x-cos-request-id", "{line}");
        assert_eq!(answer.header("vary"), "Origin", "{line}");
    }
    let anyone = send(&fixture, "HEAD /k", &[("origin", "null")]).await;
    assert_eq!(anyone.status, 200);
    assert_eq!(anyone.header("access-control-allow-origin"), "*");
    // A program is told nothing, and neither is a page of the bucket's own host.
    let own = format!("http://{}", bucket_host());
    for headers in [&[][..], &[("origin", own.as_str())]] {
        let answer = send(&fixture, "GET /k", headers).await;
        assert_eq!(answer.status, 200, "{headers:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    // Without a rule that fits nothing is done for a page, since it may know the keys.
    for (line, origin) in [
        ("GET /k", "https://evil.example"),
        ("DELETE /k", SITE),
        ("PUT /?cors", "https://evil.example"),
    ] {
        let answer = send(&fixture, line, &[("origin", origin)]).await;
        assert_eq!(answer.status, 403, "{line} {origin}");
        assert_eq!(answer.element("Code"), "AccessForbidden", "{}", answer.text);
        assert!(answer.element("Message").contains("PutBucketCors"));
    }
    client.delete_bucket_cors(BUCKET).send().await.unwrap();
    let answer = send(&fixture, "GET /k", &origin).await;
    assert_eq!(answer.element("Code"), "AccessForbidden");
    let gone = client.get_bucket_cors(BUCKET).send().await;
    assert_eq!(code(gone), "NoSuchCORSConfiguration");
}

#[tokio::test]
async fn rules_are_kept_and_checked() {
    let (_fixture, client) = ruled().await;
    let kept = client.get_bucket_cors(BUCKET).send().await.unwrap();
    assert_eq!(kept.rules.len(), 2);
    assert_eq!(kept.rules[0].max_age_seconds, Some(600));
    let rule = || CorsRule::new(["*"], [CorsMethod::Get]);
    for (rules, refusal) in [
        (vec![rule(); 101], "InvalidArgument"),
        (
            vec![CorsRule::new(["example.com"], [CorsMethod::Get])],
            "InvalidArgument",
        ),
        (vec![CorsRule::new(["*"], ["PATCH"])], "InvalidArgument"),
        (vec![rule().expose_headers(["x-cos-*"])], "InvalidArgument"),
        (vec![rule().max_age_seconds(-1)], "InvalidArgument"),
        (
            vec![rule().expose_headers(["h".repeat(70_000)])],
            "XMLSizeLimit",
        ),
    ] {
        let refused = client.put_bucket_cors(BUCKET, rules).send().await;
        assert_eq!(code(refused), refusal);
    }
    let after = client.get_bucket_cors(BUCKET).send().await.unwrap();
    assert_eq!(after.rules, kept.rules);
}
