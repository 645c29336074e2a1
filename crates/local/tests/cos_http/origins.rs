//! Other hosts answer what a bucket does not have.

use std::sync::{Arc, Mutex};

use tcloud_cos::types::{
    OriginCondition, OriginHost, OriginInfo, OriginParameter, OriginProtocol, OriginRule,
    OriginType,
};
use tcloud_local::{AuthMode, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fixture::{Answered, BUCKET, Fixture, REGION, bucket_host, request};
use crate::sockets::{Served, status};

/// Somebody on loopback who answers by path, and remembers what was asked.
pub(crate) struct Origin {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Origin {
    pub(crate) async fn new(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heads = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n")
                    && connection.read_buf(&mut head).await.unwrap() > 0
                {}
                let head = String::from_utf8(head).unwrap();
                let answer = answer(head.split(' ').nth(1).unwrap());
                heads.lock().unwrap().push(head);
                connection.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { address, asked }
    }

    /// One that answers every path with that path.
    async fn echo() -> Self {
        Self::new(|path| ok("", path)).await
    }

    /// What was asked since this was called last.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// As [`Self::asked`], of each the path alone.
    fn paths(&self) -> Vec<String> {
        let path = |head: String| head.split(' ').nth(1).unwrap().to_owned();
        self.asked().into_iter().map(path).collect()
    }
}

pub(crate) fn answer(status: &str, headers: &str, content: &str) -> String {
    let length = content.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{content}"
    )
}

fn ok(headers: &str, content: &str) -> String {
    answer("200 OK", headers, content)
}

pub(crate) fn settings() -> Settings {
    let settings = Settings::default().auth(AuthMode::Off);
    settings.allow_private_addresses(true)
}

/// A rule of `kind` for `host` and the status `status`; `more` goes among its parameters.
pub(crate) fn rule(kind: &str, status: &str, host: &str, more: &str) -> String {
    format!(
        "<OriginRule><RulePriority>{}</RulePriority><OriginType>{kind}</OriginType>\
         <OriginCondition><HTTPStatusCode>{status}</HTTPStatusCode></OriginCondition>\
         <OriginParameter>{more}</OriginParameter><OriginInfo><HostInfo><HostName>{host}</HostName>\
         </HostInfo></OriginInfo></OriginRule>",
        kind.len()
    )
}

pub(crate) async fn put(fixture: &Fixture, rules: &str) -> Answered {
    let mut put = request("PUT /?origin", &bucket_host());
    *put.body_mut() = format!("<OriginConfiguration>{rules}</OriginConfiguration>").into();
    fixture.send(put).await
}

/// A cloud with the bucket, for which `rules` are set.
async fn open(settings: Settings, rules: &str) -> Fixture {
    let fixture = Fixture::with(settings).await;
    fixture.client().put_bucket(BUCKET).send().await.unwrap();
    let set = put(&fixture, rules).await;
    assert_eq!(set.status, 200, "{}", set.text);
    fixture
}

/// A cloud that checks signatures, with the bucket, for which a rule is set.
async fn strict(kind: OriginType, status: &str, host: &str, how: OriginParameter) -> Fixture {
    let fixture = Fixture::with(settings().auth(AuthMode::Strict)).await;
    let client = fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    let condition = OriginCondition::new().http_status_code(status);
    let info = OriginInfo::new([OriginHost::new().host_name(host)]);
    let rule = OriginRule::new(kind, condition, info).origin_parameter(how);
    client
        .put_bucket_origin(BUCKET, [rule])
        .send()
        .await
        .unwrap();
    fixture
}

#[tokio::test]
async fn over_a_socket_a_mirror_is_asked_once_and_what_it_has_is_stored() {
    let origin = Origin::new(|path| {
        let headers = "Content-Type: text/x-own\r\nCache-Control: no-cache\r\n\
                       x-cos-meta-own: kept\r\nX-Other: gone\r\n";
        ok(headers, path)
    })
    .await;
    let served = Served::new(settings()).await;
    served
        .fixture
        .client()
        .put_bucket(BUCKET)
        .send()
        .await
        .unwrap();
    let host = format!("Host: {}", bucket_host());
    let rules = rule("Mirror", "404", &origin.address, "");
    let document = format!("<OriginConfiguration>{rules}</OriginConfiguration>");
    let length = format!("Content-Length: {}", document.len());
    let set = ["PUT /?origin HTTP/1.1", &host, &length];
    assert_eq!(status(&served.exchange(&set, &document).await), "200");

    let described = served
        .exchange(&["HEAD /a/b%20c HTTP/1.1", &host], "")
        .await;
    assert_eq!(status(&described), "404", "only GET asks: {described}");
    assert!(origin.asked().is_empty());
    for _ in 0..2 {
        let got = served.exchange(&["GET /a/b%20c HTTP/1.1", &host], "").await;
        assert_eq!(status(&got), "200", "{got}");
        for part in [
            "Content-Type: text/x-own\r\n",
            "Cache-Control: no-cache\r\n",
            "x-cos-meta-own: kept\r\n",
        ] {
            assert!(got.contains(part), "{part} {got}");
        }
        assert!(
            !got.contains("X-Other") && got.ends_with("\r\n\r\n/a/b%20c"),
            "{got}"
        );
    }
    assert_eq!(origin.paths(), ["/a/b%20c"]);
    let described = served
        .exchange(&["HEAD /a/b%20c HTTP/1.1", &host], "")
        .await;
    assert_eq!(status(&described), "200", "{described}");
    // The whole is fetched, whatever part is asked for.
    let part = ["GET /part HTTP/1.1", &host, "Range: bytes=1-2"];
    let part = served.exchange(&part, "").await;
    assert_eq!(status(&part), "206", "{part}");
    assert!(part.ends_with("\r\n\r\npa"), "{part}");
    assert!(!origin.asked()[0].to_lowercase().contains("range"));
    // Many who ask at once wait for one.
    let ask = ["GET /many HTTP/1.1", &host];
    let all = tokio::join!(
        served.exchange(&ask, ""),
        served.exchange(&ask, ""),
        served.exchange(&ask, "")
    );
    for got in [all.0, all.1, all.2] {
        assert!(got.ends_with("\r\n\r\n/many"), "{got}");
    }
    assert_eq!(origin.paths(), ["/many"]);
}

#[tokio::test]
async fn what_an_origin_fails_with_is_told_and_nothing_is_stored() {
    let origin = Origin::new(|path| match path {
        "/none" => answer("404 Not Found", "", ""),
        "/denied" => answer("403 Forbidden", "", ""),
        "/broken" => {
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nhalf".to_owned()
        }
        "/half" => answer("206 Partial Content", "Content-Range: bytes 0-0/9\r\n", "h"),
        "/empty" => "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned(),
        "/round" => answer("302 Found", "Location: /round\r\n", ""),
        _ => answer("500 Oh", "", ""),
    })
    .await;
    let mirror = rule("Mirror", "404", &origin.address, "");
    let fixture = open(settings(), &mirror).await;
    let got = async |key: &str, status: u16, code: &str| {
        let got = fixture.anonymous(&format!("GET /{key}")).await;
        assert_eq!(
            (got.status.as_u16(), got.element("Code")),
            (status, code),
            "{}",
            got.text
        );
        // Who it is and what happened there is in the log alone.
        assert!(!got.text.contains("127.0.0.1"), "{}", got.text);
        got.element("Message").to_owned()
    };
    let none = got("none", 404, "NoSuchKey").await;
    assert!(none.contains("nor at its origin"), "{none}");
    // No address says what it is called.
    got("a/%2E%2E", 404, "NoSuchKey").await;
    assert_eq!(origin.paths(), ["/none"]);
    let failed = "MirrorFailed";
    assert!(got("denied", 424, failed).await.contains("403"));
    assert!(got("oh", 424, failed).await.contains("500"));
    assert!(got("broken", 424, failed).await.contains("be stored"));
    assert!(got("round", 424, failed).await.contains("be asked"));
    // Neither is the whole object.
    assert!(got("half", 424, failed).await.contains("206"));
    assert!(got("empty", 424, failed).await.contains("204"));
    let listed = fixture.client().get_bucket(BUCKET).send().await.unwrap();
    assert!(listed.contents.is_empty());

    let shown = "<TransparentErrorCode>true</TransparentErrorCode>";
    let set = put(&fixture, &rule("Mirror", "404", &origin.address, shown)).await;
    assert_eq!(set.status, 200, "{}", set.text);
    got("denied", 403, failed).await;
    got("half", 424, failed).await;
    // Whoever is asked next has it.
    let other = Origin::echo().await;
    let standby = format!(
        "</HostName><StandbyHostName_1>127.0.0.1:1</StandbyHostName_1>\
         <StandbyHostName_2>{}</StandbyHostName_2>",
        other.address
    );
    let codes = "<HTTPStandbyCode><StatusCode>404</StatusCode></HTTPStandbyCode></OriginRule>";
    let rules = mirror
        .replace("</HostName>", &standby)
        .replace("</OriginRule>", codes);
    assert_eq!(put(&fixture, &rules).await.status, 200);
    for key in ["oh", "none"] {
        assert_eq!(
            fixture.anonymous(&format!("GET /{key}")).await.status,
            200,
            "{key}"
        );
    }
    got("denied", 424, failed).await;
    assert_eq!(other.paths(), ["/oh", "/none"]);
}

#[tokio::test]
async fn private_addresses_are_refused_unless_allowed() {
    let origin = Origin::echo().await;
    let rules = rule("Mirror", "404", &origin.address, "");
    let fixture = open(Settings::default().auth(AuthMode::Off), &rules).await;
    let got = fixture.anonymous("GET /k").await;
    assert_eq!(got.status, 424);
    assert!(
        got.element("Message").contains("cannot be asked"),
        "{}",
        got.text
    );
    assert!(origin.asked().is_empty());
}

#[tokio::test]
async fn a_proxy_sends_the_client_to_the_origin_and_the_object_comes_later() {
    let origin = Origin::echo().await;
    let fixture = open(settings(), &rule("Proxy", "404", &origin.address, "")).await;
    let got = fixture.anonymous("GET /a").await;
    assert_eq!(got.status, 302, "{}", got.text);
    assert_eq!(
        got.header("location"),
        format!("http://{}/a", origin.address)
    );
    let waited = fixture
        .send(request("POST /_local/clock?advance=0", "localhost"))
        .await;
    assert_eq!(waited.status, 200, "{}", waited.text);
    let got = fixture.anonymous("GET /a").await;
    assert_eq!((got.status.as_u16(), got.text.as_str()), (200, "/a"));
    assert_eq!(origin.paths(), ["/a"]);
}

#[tokio::test]
async fn a_redirection_counts_for_the_status_that_the_answer_would_have() {
    let how = OriginParameter::new()
        .http_redirect_code("301")
        .protocol(OriginProtocol::Https);
    let fixture = strict(OriginType::Redirect, "4XX", "www.example.com", how).await;
    // Nobody has signed, so whether the key is there is not told.
    for line in ["GET /a%20b?v=1", "HEAD /a%20b?v=1"] {
        let sent = fixture.anonymous(line).await;
        assert_eq!(sent.status, 301, "{line} {}", sent.text);
        assert_eq!(sent.header("location"), "https://www.example.com/a%20b?v=1");
    }
    for line in ["PUT /k", "DELETE /k", "GET /?acl", "GET /k?acl"] {
        assert_eq!(fixture.anonymous(line).await.status, 403, "{line}");
    }
    let client = fixture.client();
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    client.get_object(BUCKET, "k").send().await.unwrap();
}

#[tokio::test]
async fn query_and_headers_are_passed_on_as_the_rule_says() {
    let origin = Origin::echo().await;
    let headers = "<HttpHeader><FollowHttpHeaders><Header><Key>Accept</Key></Header>\
                   </FollowHttpHeaders><NewHttpHeaders><Header><Key>x-new</Key><Value>n</Value>\
                   </Header></NewHttpHeaders></HttpHeader>";
    let fixture = open(settings(), &rule("Mirror", "404", &origin.address, headers)).await;
    let mut get = request("GET /k?v=2&q-ak=id&response-expires=x", &bucket_host());
    for (name, value) in [("accept", "text/own"), ("cookie", "secret")] {
        get.headers_mut().insert(name, value.parse().unwrap());
    }
    let got = fixture.send(get).await;
    assert_eq!(got.status, 200, "{}", got.text);
    assert_eq!(got.header("expires"), "x");
    let asked = origin.asked();
    assert!(
        asked[0].starts_with("GET /k?v=2&response-expires=x HTTP/1.1\r\n"),
        "{asked:?}"
    );
    assert!(asked[0].contains("accept: text/own\r\n") && asked[0].contains("x-new: n\r\n"));
    assert!(!asked[0].contains("cookie") && asked[0].contains("cdn-loop: tcloud-local\r\n"));
    let alone = "<FollowQueryString>false</FollowQueryString>";
    let set = put(&fixture, &rule("Mirror", "404", &origin.address, alone)).await;
    assert_eq!(set.status, 200);
    assert_eq!(fixture.anonymous("GET /l?v=2").await.status, 200);
    assert_eq!(origin.paths(), ["/l"]);
}

#[tokio::test]
async fn redirections_of_an_origin_are_followed_unless_the_rule_says_otherwise() {
    let origin = Origin::new(|path| match path {
        "/a" | "/b" => answer("307 Moved", "Location: /c?d\r\n", ""),
        path => ok("", path),
    })
    .await;
    let fixture = open(settings(), &rule("Mirror", "404", &origin.address, "")).await;
    let got = fixture.anonymous("GET /a").await;
    assert_eq!((got.status.as_u16(), got.text.as_str()), (200, "/c?d"));
    let not = "<FollowRedirection>false</FollowRedirection>";
    put(&fixture, &rule("Mirror", "404", &origin.address, not)).await;
    let sent = fixture.anonymous("GET /b").await;
    assert_eq!(
        (sent.status.as_u16(), sent.header("location")),
        (307, "/c?d")
    );
    assert_eq!(origin.paths(), ["/a", "/c?d", "/b"]);
    // It was never stored.
    assert_eq!(fixture.anonymous("HEAD /b").await.status, 404);
}

#[tokio::test]
async fn versions_links_and_websites_have_no_origin_and_deleted_keys_do() {
    let origin = Origin::echo().await;
    let fixture = open(settings(), &rule("Mirror", "404", &origin.address, "")).await;
    let client = fixture.client();
    let enabled = client.put_bucket_versioning(BUCKET, "Enabled").send().await;
    enabled.unwrap();
    let old = client.put_object(BUCKET, "k", "old").send().await.unwrap();
    let old = old.version_id.clone().unwrap();
    client.delete_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(fixture.anonymous("GET /k").await.text, "/k");
    let got = fixture.anonymous(&format!("GET /k?versionId={old}")).await;
    assert_eq!(got.text, "old");
    let deleted = client.delete_object(BUCKET, "k").version_id(&old);
    deleted.send().await.unwrap();
    origin.asked();
    let gone = fixture.anonymous(&format!("GET /k?versionId={old}")).await;
    assert_eq!(gone.element("Code"), "NoSuchVersion");
    client
        .put_symlink(BUCKET, "link", "none")
        .send()
        .await
        .unwrap();
    let dangling = fixture.anonymous("GET /link").await;
    assert_eq!(dangling.element("Code"), "NoSuchKey");
    let index = tcloud_cos::types::IndexDocument::new("index.html");
    client
        .put_bucket_website(BUCKET, index)
        .send()
        .await
        .unwrap();
    let host = format!("{BUCKET}.cos-website.{REGION}.myqcloud.com");
    assert_eq!(fixture.send(request("GET /none", &host)).await.status, 404);
    assert!(origin.asked().is_empty());
}

#[tokio::test]
async fn whoever_may_not_read_makes_nobody_ask() {
    let origin = Origin::echo().await;
    let how = OriginParameter::new();
    let fixture = strict(OriginType::Mirror, "404", &origin.address, how).await;
    assert_eq!(
        fixture.anonymous("GET /k").await.element("Code"),
        "AccessDenied"
    );
    assert!(origin.asked().is_empty());
    fixture
        .client()
        .get_object(BUCKET, "k")
        .send()
        .await
        .unwrap();
    assert_eq!(origin.paths(), ["/k"]);
}

#[tokio::test]
async fn another_bucket_can_be_the_origin_and_nobody_is_asked_for_ever() {
    const OTHER: &str = "other-1250000000";
    let host = |bucket: &str| format!("{bucket}.cos.{REGION}.myqcloud.com");
    let fixture = open(settings(), &rule("Mirror", "404", &host(OTHER), "")).await;
    let client = fixture.client();
    client.put_bucket(OTHER).send().await.unwrap();
    client.put_object(OTHER, "k", "v").send().await.unwrap();
    assert_eq!(fixture.anonymous("GET /k").await.text, "v");
    // Each is the origin of the other, and the bucket of itself.
    for rules in [
        rule("Mirror", "404", &host(OTHER), ""),
        rule("Mirror", "404", &host(BUCKET), ""),
    ] {
        for bucket in [BUCKET, OTHER] {
            let mut set = request("PUT /?origin", &host(bucket));
            let document = format!("<OriginConfiguration>{rules}</OriginConfiguration>");
            *set.body_mut() = document.into();
            assert_eq!(fixture.send(set).await.status, 200);
        }
        let missing = fixture.anonymous("GET /none").await;
        assert_eq!(missing.element("Code"), "NoSuchKey", "{}", missing.text);
    }
}

#[tokio::test]
async fn rules_that_cannot_be_followed_are_refused() {
    let fixture = Fixture::with(settings()).await;
    fixture.client().put_bucket(BUCKET).send().await.unwrap();
    let good = rule("Mirror", "404", "www.example.com", "");
    let private = "<PrivateHost><Host>h</Host><CredentialProvider><SecretId>i</SecretId>\
                   </CredentialProvider></PrivateHost>";
    for (rules, code) in [
        (
            good.replace("www.example.com", "http://example.com"),
            "InvalidArgument",
        ),
        (good.replace("404", "503"), "InvalidArgument"),
        (good.replace("Mirror", "Sync"), "InvalidArgument"),
        (format!("{good}{good}"), "InvalidArgument"),
        (
            rule(
                "Mirror",
                "404",
                "www.example.com",
                "<HttpHeader><NewHttpHeaders><Header><Key>Host</Key><Value>localhost</Value>\
                 </Header></NewHttpHeaders></HttpHeader>",
            ),
            "InvalidArgument",
        ),
        (good.replace("</OriginRule>", ""), "MalformedXML"),
        (
            good.replace("<HostName>www.example.com</HostName>", private),
            "NotImplemented",
        ),
    ] {
        let refused = put(&fixture, &rules).await;
        assert_eq!(refused.element("Code"), code, "{}", refused.text);
    }
    let none = fixture.anonymous("GET /?origin").await;
    assert_eq!(none.element("Code"), "OriginConfigurationNotFoundError");
}
