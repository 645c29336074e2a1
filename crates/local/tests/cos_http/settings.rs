//! What is set for buckets: kept, checked, returned and deleted.

use tcloud_cos::types::RuleStatus;
use tcloud_cos::types::{IndexDocument, LifecycleExpiration, LifecycleFilter, LifecycleRule};
use tcloud_local::AuthMode;

use crate::fixture::{Answered, BUCKET, Fixture, bucket_host, code, request};
use crate::sockets::{Served, status};

/// Where a bucket is that reports, logs and copies go to.
const OTHER: &str = "other-1250000000";

/// A setting: its query, its document, and what is answered for a bucket without it, a code or the
/// root of an empty document.
struct Case {
    query: &'static str,
    document: &'static str,
    absent: &'static str,
    set: u16,
    /// The status with which deleting it is answered, if it can be deleted.
    deleted: Option<u16>,
}

const fn case(query: &'static str, document: &'static str, absent: &'static str) -> Case {
    Case {
        query,
        document,
        absent,
        set: 200,
        deleted: Some(204),
    }
}

const CASES: &[Case] = &[
    case(
        "website",
        "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument>\
         <RedirectAllRequestsTo><Protocol>https</Protocol></RedirectAllRequestsTo>\
         <ErrorDocument><Key>404.html</Key></ErrorDocument><RoutingRules><RoutingRule>\
         <Condition><KeyPrefixEquals>old/</KeyPrefixEquals></Condition>\
         <Redirect><ReplaceKeyPrefixWith>new/</ReplaceKeyPrefixWith></Redirect>\
         </RoutingRule></RoutingRules></WebsiteConfiguration>",
        "NoSuchWebsiteConfiguration",
    ),
    case(
        "domain",
        "<DomainConfiguration><DomainRule><Status>ENABLED</Status><Name>www.example.com</Name>\
         <Type>REST</Type></DomainRule></DomainConfiguration>",
        "DomainConfiguration",
    ),
    case(
        "origin",
        "<OriginConfiguration><OriginRule><OriginType>Proxy</OriginType>\
         <OriginCondition><HTTPStatusCode>404</HTTPStatusCode><Prefix/></OriginCondition>\
         <OriginInfo><HostInfo><HostName>www.example.com</HostName></HostInfo></OriginInfo>\
         </OriginRule></OriginConfiguration>",
        "OriginConfigurationNotFoundError",
    ),
    case(
        "encryption",
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
         <SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>\
         </ServerSideEncryptionConfiguration>",
        "NoSuchEncryptionConfiguration",
    ),
    case(
        "lifecycle",
        "<LifecycleConfiguration><Rule><ID>id1</ID><Filter><Prefix>documents/</Prefix></Filter>\
         <Status>Enabled</Status><Transition><Days>100</Days><StorageClass>ARCHIVE</StorageClass>\
         </Transition></Rule></LifecycleConfiguration>",
        "NoSuchLifecycleConfiguration",
    ),
    case(
        "replication",
        "<ReplicationConfiguration><Role>qcs::cam::uin/100000000001:uin/100000000001</Role><Rule>\
         <ID>RuleId_01</ID><Status>Enabled</Status><Prefix>testPrefix</Prefix><Destination>\
         <Bucket>qcs::cos:ap-chongqing::other-1250000000</Bucket></Destination></Rule>\
         </ReplicationConfiguration>",
        "ReplicationConfigurationNotFoundError",
    ),
    case(
        "strict-signature",
        "<StrictSignatureConfiguration><Rule><ID>acl</ID><headerlist><header>Host</header>\
         </headerlist></Rule></StrictSignatureConfiguration>",
        "StrictSignatureConfiguration",
    ),
    case(
        "inventory&id=list1",
        "<InventoryConfiguration><Id>list1</Id><IsEnabled>true</IsEnabled>\
         <IncludedObjectVersions>All</IncludedObjectVersions>\
         <OptionalFields><Field>Size</Field></OptionalFields>\
         <Schedule><Frequency>Daily</Frequency></Schedule><Destination><COSBucketDestination>\
         <Bucket>qcs::cos:ap-chongqing::other-1250000000</Bucket><Format>CSV</Format>\
         </COSBucketDestination></Destination></InventoryConfiguration>",
        "InventoryConfigurationNotFoundError",
    ),
    case(
        "intelligent-tiering&id=cold",
        "<IntelligentTieringConfiguration><Id>cold</Id><Status>Enabled</Status><Tiering>\
         <AccessTier>ARCHIVE</AccessTier><Days>90</Days></Tiering>\
         </IntelligentTieringConfiguration>",
        "IntelligentTieringConfigurationNotFoundError",
    ),
    Case {
        deleted: None,
        ..case(
            "logging",
            "<BucketLoggingStatus><LoggingEnabled><TargetBucket>other-1250000000</TargetBucket>\
             <TargetPrefix>logs/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>",
            "BucketLoggingStatus",
        )
    },
    Case {
        deleted: None,
        ..case(
            "referer",
            "<RefererConfiguration><Status>Enabled</Status><RefererType>White-List</RefererType>\
             <DomainList><Domain>*.example.com</Domain></DomainList>\
             <EmptyReferConfiguration>Allow</EmptyReferConfiguration></RefererConfiguration>",
            "RefererConfiguration",
        )
    },
    Case {
        deleted: None,
        ..case(
            "accelerate",
            "<AccelerateConfiguration><Status>Enabled</Status><Type>COS</Type>\
             </AccelerateConfiguration>",
            "AccelerateConfiguration",
        )
    },
    Case {
        deleted: None,
        ..case(
            "intelligenttiering",
            "<IntelligentTieringConfiguration><Status>Enabled</Status><Transition><Days>30</Days>\
             <RequestFrequent>1</RequestFrequent></Transition></IntelligentTieringConfiguration>",
            "IntelligentTieringConfiguration",
        )
    },
    Case {
        deleted: None,
        ..case(
            "object-lock",
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>\
             </ObjectLockConfiguration>",
            "NoSuchObjectLockConfiguration",
        )
    },
    Case {
        deleted: None,
        ..case(
            "notification",
            "<NotificationConfiguration><CloudFunctionConfiguration><Id>one</Id>\
             <CloudFunction>qcs::scf:ap-chongqing:appid/1250000000:default.f.$DEFAULT\
             </CloudFunction><Event>cos:ObjectCreated:*</Event></CloudFunctionConfiguration>\
             </NotificationConfiguration>",
            "NotificationConfiguration",
        )
    },
    Case {
        set: 204,
        ..case(
            "policy",
            r#"{"Statement":[{"Principal":{"qcs":["qcs::cam::uin/1:uin/2"]},"Effect":"allow","Action":["name/cos:GetObject"],"Resource":["qcs::cos:ap-chongqing:uid/1250000000:album-1250000000/*"]}],"version":"2.0"}"#,
            "NoSuchPolicyVersion",
        )
    },
];

/// A cloud that checks no signatures, with both buckets.
async fn open() -> Fixture {
    let fixture = Fixture::mode(AuthMode::Off).await;
    assert_eq!(fixture.anonymous("PUT /").await.status, 200);
    let other = bucket_host().replace(BUCKET, OTHER);
    assert_eq!(fixture.send(request("PUT /", &other)).await.status, 200);
    for host in [bucket_host(), other] {
        assert_eq!(versioning(&fixture, &host, "Enabled").await.status, 200);
    }
    fixture
}

async fn versioning(fixture: &Fixture, host: &str, status: &str) -> Answered {
    let mut set = request("PUT /?versioning", host);
    let document =
        format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    *set.body_mut() = document.into();
    fixture.send(set).await
}

async fn put(fixture: &Fixture, query: &str, document: &str) -> Answered {
    let mut request = request(&format!("PUT /?{query}"), &bucket_host());
    *request.body_mut() = document.to_owned().into();
    fixture.send(request).await
}

fn assert_absent(answer: &Answered, case: &Case) {
    let Case { query, absent, .. } = case;
    if answer.status == 200 {
        assert_eq!(answer.text, format!("<{absent}></{absent}>"), "{query}");
    } else {
        assert_eq!(answer.status, 404, "{query}: {}", answer.text);
        assert_eq!(answer.element("Code"), *absent, "{query}");
        assert!(answer.element("Message").contains(BUCKET));
    }
}

#[tokio::test]
async fn a_setting_is_kept_returned_and_deleted() {
    for case in CASES {
        // Some exclude each other.
        let fixture = open().await;
        let Case {
            query, document, ..
        } = case;
        let get = format!("GET /?{query}");
        assert_absent(&fixture.anonymous(&get).await, case);
        let set = put(&fixture, query, document).await;
        assert_eq!(set.status.as_u16(), case.set, "{query}: {}", set.text);
        let kept = fixture.anonymous(&get).await;
        assert_eq!(
            (kept.status.as_u16(), kept.text.as_str()),
            (200, *document),
            "{query}"
        );
        let Some(deleted) = case.deleted else {
            continue;
        };
        let gone = fixture.anonymous(&format!("DELETE /?{query}")).await;
        assert_eq!(gone.status.as_u16(), deleted, "{query}: {}", gone.text);
        assert_absent(&fixture.anonymous(&get).await, case);
    }
}

#[tokio::test]
async fn an_empty_document_takes_a_setting_away() {
    let fixture = open().await;
    for (query, empty) in [
        ("logging", "<BucketLoggingStatus/>"),
        ("notification", "<NotificationConfiguration/>"),
    ] {
        let case = CASES.iter().find(|case| case.query == query).unwrap();
        assert_eq!(put(&fixture, query, case.document).await.status, 200);
        assert_eq!(put(&fixture, query, empty).await.status, 200);
        assert_absent(&fixture.anonymous(&format!("GET /?{query}")).await, case);
    }
    // A protection against hotlinks is removed by an empty body, as official SDKs do it.
    let case = CASES.iter().find(|case| case.query == "referer").unwrap();
    assert_eq!(put(&fixture, "referer", case.document).await.status, 200);
    let client = fixture.client();
    client.delete_bucket_referer(BUCKET).send().await.unwrap();
    assert_absent(&fixture.anonymous("GET /?referer").await, case);
}

/// What a document must not say: its query, what of it is replaced by what, and the code.
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("website", "index.html", "a/index.html", "InvalidArgument"),
    ("website", "https", "ftp", "InvalidArgument"),
    (
        "website",
        "<IndexDocument>",
        "<More/><IndexDocument>",
        "NotImplemented",
    ),
    ("domain", "www.example.com", "192.0.2.1", "InvalidArgument"),
    ("origin", "404", "500", "InvalidArgument"),
    ("encryption", "AES256", "ROT13", "InvalidArgument"),
    ("lifecycle", "100", "-1", "InvalidArgument"),
    ("lifecycle", "<Days>100</Days>", "", "InvalidArgument"),
    ("replication", "::other", "::album", "InvalidArgument"),
    (
        "replication",
        "::other",
        "::none",
        "UserNotTargetBucketOwner",
    ),
    ("replication", "qcs::cam::", "", "InvalidArgument"),
    ("inventory&id=list1", "Size", "Weight", "InvalidArgument"),
    ("inventory&id=list1", "::other", "::none", "InvalidArgument"),
    (
        "intelligent-tiering&id=cold",
        "ARCHIVE",
        "INFREQUENT",
        "InvalidArgument",
    ),
    ("intelligenttiering", "30", "31", "InvalidArgument"),
    (
        "logging",
        "other-",
        "none-",
        "InvalidTargetBucketForLogging",
    ),
    (
        "logging",
        "other-1250000000",
        "other",
        "TargetBucketNameInvalid",
    ),
    ("notification", "qcs::scf", "qcs::cvm", "InvalidArgument"),
    ("accelerate", "Enabled", "On", "InvalidArgument"),
    ("policy", "\"2.0\"", "\"1.0\"", "InvalidArgument"),
    (
        "policy",
        "name/cos:GetObject",
        "GetObject",
        "MalformedPolicy",
    ),
    ("policy", "\"qcs::cam::uin/1:uin/2\"", "", "MalformedPolicy"),
    ("policy", "album-", "other-", "InvalidPolicyDocument"),
    ("object-lock", "Enabled<", "Disabled<", "InvalidArgument"),
];

/// The document of the setting `query`.
fn document(query: &str) -> &'static str {
    let case = CASES.iter().find(|case| case.query == query);
    case.unwrap().document
}

#[tokio::test]
async fn documents_are_checked() {
    let fixture = open().await;
    for (query, from, to, code) in WRONG {
        let (before, after) = (document(query), document(query).replace(from, to));
        assert_ne!(before, after, "{query} has no {from}");
        let answer = put(&fixture, query, &after).await;
        assert_eq!(
            answer.element("Code"),
            *code,
            "{query} {to}: {}",
            answer.text
        );
    }
    let many = |root: &str, part: &str, count: usize| {
        let parts = (0..count).map(|it| part.replace('#', &it.to_string()));
        format!("<{root}>{}</{root}>", parts.collect::<String>())
    };
    let domain = "<DomainRule><Status>ENABLED</Status><Name>d#.example.com</Name><Type>REST</Type>\
                  </DomainRule>";
    let rule =
        "<Rule><Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>";
    let long = document("policy").replace("uin/2", &"x".repeat(21_000));
    for (query, document, code) in [
        ("website", "<WebsiteConfiguration/>", "InvalidArgument"),
        ("website", "<WebsiteConfiguration>", "MalformedXML"),
        (
            "domain",
            &many("DomainConfiguration", domain, 21),
            "InvalidArgument",
        ),
        (
            "lifecycle",
            &many("LifecycleConfiguration", rule, 1001),
            "InvalidArgument",
        ),
        (
            "inventory&id=list2",
            document("inventory&id=list1"),
            "InvalidArgument",
        ),
        ("policy", &long, "PolicyFull"),
        ("policy", "{", "MalformedXML"),
    ] {
        let answer = put(&fixture, query, document).await;
        assert_eq!(answer.element("Code"), code, "{query}: {}", answer.text);
    }
    for case in CASES {
        let line = format!("GET /?{}", case.query);
        assert_absent(&fixture.anonymous(&line).await, case);
    }
}

#[tokio::test]
async fn settings_are_of_a_bucket_that_is_there() {
    let fixture = Fixture::mode(AuthMode::Off).await;
    for case in CASES {
        let missing = fixture.anonymous(&format!("GET /?{}", case.query)).await;
        assert_eq!(missing.element("Code"), "NoSuchBucket", "{}", case.query);
        let missing = put(&fixture, case.query, case.document).await;
        assert_eq!(missing.element("Code"), "NoSuchBucket", "{}", case.query);
    }
}

#[tokio::test]
async fn what_was_switched_on_for_good_stays() {
    let fixture = open().await;
    let of = |query: &str| {
        CASES
            .iter()
            .find(|case| case.query == query)
            .unwrap()
            .document
    };
    assert_eq!(
        put(&fixture, "intelligenttiering", of("intelligenttiering"))
            .await
            .status,
        200
    );
    let again = put(&fixture, "intelligenttiering", of("intelligenttiering")).await;
    assert_eq!(again.element("Code"), "InvalidBucketState");
    let default = of("intelligent-tiering&id=cold")
        .replace("cold", "default")
        .replace("ARCHIVE", "INFREQUENT");
    let query = "intelligent-tiering&id=default";
    assert_eq!(put(&fixture, query, &default).await.status, 200);
    let again = put(&fixture, query, &default).await;
    assert_eq!(again.element("Code"), "InvalidBucketState");
    let deleted = fixture.anonymous(&format!("DELETE /?{query}")).await;
    assert_eq!(deleted.element("Code"), "InvalidArgument");
    let listed = fixture.anonymous("GET /?intelligent-tiering").await;
    assert_eq!(listed.element("Id"), "default", "{}", listed.text);
}

#[tokio::test]
async fn replication_needs_versions_at_both_ends() {
    let fixture = open().await;
    let (here, there) = (bucket_host(), bucket_host().replace(BUCKET, OTHER));
    for host in [here, there] {
        assert_eq!(versioning(&fixture, &host, "Suspended").await.status, 200);
        let refused = put(&fixture, "replication", document("replication")).await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.element("Code"), "BucketVersionNotOpen");
        assert_eq!(versioning(&fixture, &host, "Enabled").await.status, 200);
        let set = put(&fixture, "replication", document("replication")).await;
        assert_eq!(set.status, 200, "{}", set.text);
    }
}

#[tokio::test]
async fn object_lock_goes_neither_with_suspended_versions_nor_with_tiering() {
    let fixture = open().await;
    let host = bucket_host();
    let refused = |answer: &Answered| {
        assert_eq!(answer.status, 409, "{}", answer.text);
        assert_eq!(answer.element("Code"), "InvalidBucketState");
    };
    let lock = async || put(&fixture, "object-lock", document("object-lock")).await;
    assert_eq!(versioning(&fixture, &host, "Suspended").await.status, 200);
    refused(&lock().await);
    assert_eq!(fixture.anonymous("GET /?object-lock").await.status, 404);
    assert_eq!(versioning(&fixture, &host, "Enabled").await.status, 200);
    let rule = "intelligent-tiering&id=cold";
    assert_eq!(put(&fixture, rule, document(rule)).await.status, 200);
    refused(&lock().await);
    let deleted = fixture.anonymous(&format!("DELETE /?{rule}")).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(lock().await.status, 200);
    refused(&versioning(&fixture, &host, "Suspended").await);
    let kept = fixture.anonymous("GET /?versioning").await;
    assert_eq!(kept.element("Status"), "Enabled");
    for query in [rule, "intelligenttiering"] {
        refused(&put(&fixture, query, document(query)).await);
    }
    // What was set is changed as before.
    assert_eq!(lock().await.status, 200);
    assert_eq!(versioning(&fixture, &host, "Enabled").await.status, 200);
}

#[tokio::test]
async fn a_domain_leads_to_one_bucket() {
    let fixture = open().await;
    let other = bucket_host().replace(BUCKET, OTHER);
    let document = CASES
        .iter()
        .find(|case| case.query == "domain")
        .unwrap()
        .document;
    let mut elsewhere = request("PUT /?domain", &other);
    *elsewhere.body_mut() = document.to_owned().into();
    assert_eq!(fixture.send(elsewhere).await.status, 200);
    let taken = put(&fixture, "domain", document).await;
    assert_eq!(taken.status, 409);
    assert_eq!(taken.element("Code"), "DomainConfigConflict");
    let proof = "<ForcedReplacement>TXT</ForcedReplacement></DomainRule>";
    let replaced = document.replace("</DomainRule>", proof);
    assert_eq!(put(&fixture, "domain", &replaced).await.status, 200);
}

#[tokio::test]
async fn a_certificate_is_of_a_domain_of_the_bucket() {
    let fixture = open().await;
    let certificate = |info: &str| {
        format!(
            "<DomainCertificate><CertificateInfo><CertType>CustomCert</CertType><CustomCert>{info}\
             </CustomCert></CertificateInfo><DomainList><DomainName>www.example.com</DomainName>\
             </DomainList></DomainCertificate>"
        )
    };
    let by_id = certificate("<CertId>c1</CertId>");
    let early = put(&fixture, "domaincertificate", &by_id).await;
    assert_eq!(early.element("Code"), "InvalidArgument", "{}", early.text);
    let domain = CASES.iter().find(|case| case.query == "domain").unwrap();
    assert_eq!(put(&fixture, "domain", domain.document).await.status, 200);
    let none = put(
        &fixture,
        "domaincertificate",
        &certificate("<Cert>x</Cert>"),
    )
    .await;
    assert_eq!(none.element("Code"), "InvalidArgument");
    let line = "/?domaincertificate&domainname=www.example.com";
    let before = fixture.anonymous(&format!("GET {line}")).await;
    assert_eq!(before.element("Status"), "Disabled");
    let pem = "<Cert>-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----</Cert>\
               <PrivateKey>-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----</PrivateKey>";
    for info in ["<CertId>c1</CertId>", pem] {
        let set = put(&fixture, "domaincertificate", &certificate(info)).await;
        assert_eq!(set.status, 200, "{}", set.text);
        let kept = fixture.anonymous(&format!("GET {line}")).await;
        assert_eq!(kept.element("Status"), "Enabled");
        assert!(!kept.element("CertId").is_empty() && !kept.text.contains("secret"));
    }
    assert_eq!(
        fixture.anonymous(&format!("DELETE {line}")).await.status,
        204
    );
    let after = fixture.anonymous(&format!("GET {line}")).await;
    assert_eq!(after.element("Status"), "Disabled");
}

#[tokio::test]
async fn reports_are_listed_by_pages() {
    let fixture = open().await;
    let case = CASES.iter().find(|case| case.query == "inventory&id=list1");
    let document = case.unwrap().document;
    for number in 0..205 {
        let id = format!("list{number:03}");
        let document = document.replace("list1", &id);
        let set = put(&fixture, &format!("inventory&id={id}"), &document).await;
        assert_eq!(set.status, 200, "{}", set.text);
    }
    let client = fixture.client();
    let mut pages = Vec::new();
    let mut token = None;
    loop {
        let page = client
            .list_bucket_inventory_configurations(BUCKET)
            .continuation_token(token.clone())
            .send()
            .await
            .unwrap();
        pages.push(page.rules.len());
        assert_eq!(
            page.is_truncated,
            Some(page.next_continuation_token.is_some())
        );
        token.clone_from(&page.next_continuation_token);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(pages, [100, 100, 5]);
}

#[tokio::test]
async fn rules_without_a_name_get_one() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let rule = LifecycleRule::new(LifecycleFilter::new(), RuleStatus::Enabled)
        .expiration(LifecycleExpiration::new().days(1));
    client
        .put_bucket_lifecycle(BUCKET, [rule.clone(), rule])
        .send()
        .await
        .unwrap();
    let kept = client.get_bucket_lifecycle(BUCKET).send().await.unwrap();
    let ids: Vec<_> = kept
        .rules
        .iter()
        .map(|rule| rule.id.clone().unwrap())
        .collect();
    assert!(
        ids.len() == 2 && ids[0] != ids[1] && !ids[0].is_empty(),
        "{ids:?}"
    );
}

#[tokio::test]
async fn settings_are_changed_over_a_socket_by_those_who_may() {
    let served = Served::new(tcloud_local::Settings::default().auth(AuthMode::Off)).await;
    let host = format!("Host: {}", bucket_host());
    let put = ["PUT / HTTP/1.1", &host, "Content-Length: 0"];
    assert_eq!(status(&served.exchange(&put, "").await), "200");
    let put = ["PUT /?accelerate HTTP/1.1", &host, "Content-Length: 82"];
    let document =
        "<AccelerateConfiguration><Status>Enabled</Status>\n\n</AccelerateConfiguration>     ";
    let set = served.exchange(&put, document).await;
    assert_eq!(status(&set), "200", "{set}");
    let get = served
        .exchange(&["GET /?accelerate HTTP/1.1", &host], "")
        .await;
    assert!(
        get.ends_with("<Status>Enabled</Status><Type>COS</Type></AccelerateConfiguration>"),
        "{get}"
    );

    let (fixture, client) = Fixture::with_bucket().await;
    client
        .put_bucket_website(BUCKET, IndexDocument::new("index.html"))
        .send()
        .await
        .unwrap();
    let stranger = fixture.anonymous("GET /?website").await;
    assert_eq!(stranger.element("Code"), "AccessDenied");
    client.delete_bucket(BUCKET).send().await.unwrap();
    client.put_bucket(BUCKET).send().await.unwrap();
    let gone = client.get_bucket_website(BUCKET).send().await;
    assert_eq!(code(gone), "NoSuchWebsiteConfiguration");
    let location = client.get_bucket_location(BUCKET).send().await.unwrap();
    assert_eq!(location.location.as_deref(), Some("ap-chongqing"));
}
