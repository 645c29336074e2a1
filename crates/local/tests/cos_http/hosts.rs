//! The hosts of a service, over a socket and with every signature checked.

use std::time::Duration;

use tcloud_ci::picture::{Format, Gravity, ImageMogr2, Pipeline, TextWatermark, Thumbnail};
use tcloud_core::call::CallOptions;
use tcloud_core::config::{Config, ConfigBuilder};
use tcloud_core::credentials::Credentials;
use tcloud_core::endpoint::Endpoint;
use tcloud_core::host::{ApiDomain, ApiHost, CosHost, Domain, HostUrl, Hosts};
use tcloud_cos::Client;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, Settings};

use crate::fixture::{BUCKET, REGION, Standing, code, text};
use crate::sockets::{Served, status};

const NOW: i64 = crate::fixture::NOW;
const DOMAIN: &str = "img.example.com";

fn builder(served: &Served) -> ConfigBuilder {
    let address = format!("http://127.0.0.1:{}", served.port);
    Config::builder()
        .region(REGION)
        .endpoint(Endpoint::parse(&address).unwrap())
        .environment(Standing(NOW))
}

fn signing(served: &Served) -> ConfigBuilder {
    builder(served).credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
}

fn client(config: ConfigBuilder) -> Client {
    Client::new(&config.build().unwrap())
}

/// A cloud that knows a domain of [`BUCKET`], with an object in the bucket.
async fn served() -> Served {
    let settings = Settings::default().default_region(REGION);
    let served = Served::new(settings.domain(DOMAIN, BUCKET).default_bucket(BUCKET)).await;
    let own = client(signing(&served));
    own.put_bucket(BUCKET).send().await.unwrap();
    own.put_object(BUCKET, "dir/k", "hello")
        .send()
        .await
        .unwrap();
    served
}

#[tokio::test]
async fn every_host_of_a_bucket_leads_to_it() {
    let served = served().await;
    let domain = Domain::parse(DOMAIN).unwrap();
    let accelerate = client(signing(&served)).put_bucket_accelerate(BUCKET, "Enabled");
    accelerate.send().await.unwrap();
    let address = HostUrl::parse(&format!("http://127.0.0.1:{}", served.port)).unwrap();
    for hosts in [
        Hosts::new(),
        Hosts::second_domain(),
        Hosts::internal(),
        Hosts::new().cos(CosHost::Accelerate),
        Hosts::new().cos(CosHost::DualStack),
        Hosts::new().cos(CosHost::Url(address)),
        Hosts::new().domain(BUCKET, domain.clone()),
        Hosts::new().domain(BUCKET, domain.without_cname()),
    ] {
        let client = client(signing(&served).hosts(hosts.clone()));
        let read = client.get_object(BUCKET, "dir/k").send().await;
        let read = read.unwrap_or_else(|error| panic!("{hosts:?}: {error}"));
        assert_eq!(text(read.into_body()).await, "hello", "{hosts:?}");
    }
    for hosts in [Hosts::new(), Hosts::second_domain(), Hosts::internal()] {
        let client = client(signing(&served).hosts(hosts));
        let all = client.get_service().send().await.unwrap();
        assert_eq!(all.buckets.as_ref().unwrap().bucket.len(), 1);
    }
}

#[tokio::test]
async fn every_host_of_an_api_leads_to_it() {
    let served = served().await;
    let api = |host| Hosts::new().api(host);
    for hosts in [
        Hosts::new(),
        api(ApiHost::Regional),
        api(ApiHost::Internal),
        Hosts::second_domain(),
        Hosts::new().api_domain(ApiDomain::ComCn),
    ] {
        let config = signing(&served).hosts(hosts.clone()).build().unwrap();
        let error = tcloud_mps::Client::new(&config)
            .describe_image_task_detail("none")
            .send()
            .await
            .unwrap_err();
        // The service itself answers: the signature was right for this host.
        assert_eq!(error.code(), Some("ResourceNotFound"), "{hosts:?}: {error}");
    }
}

#[tokio::test]
async fn a_presigned_url_needs_no_key() {
    let served = served().await;
    let hour = Duration::from_hours(1);
    for hosts in [
        Hosts::new(),
        Hosts::internal(),
        Hosts::new().domain(BUCKET, Domain::parse(DOMAIN).unwrap()),
    ] {
        let client = client(signing(&served).hosts(hosts));
        let call = client
            .get_object(BUCKET, "dir/k")
            .response_content_type("text/x-presigned");
        let signed = call.presign(hour).await.unwrap();
        let prefix = format!("http://127.0.0.1:{}", served.port);
        let path = signed.url().strip_prefix(&prefix).unwrap();
        let host = signed.headers()["host"].to_str().unwrap();
        let get = |path: &str, host: &str| {
            let line = format!("GET {path} HTTP/1.1");
            let host = format!("Host: {host}");
            let served = &served;
            async move { served.exchange(&[&line, &host], "").await }
        };
        let answer = get(path, host).await;
        assert_eq!(status(&answer), "200", "{answer}");
        assert!(answer.ends_with("hello"), "{answer}");
        assert!(
            answer.contains("Content-Type: text/x-presigned\r\n"),
            "{answer}"
        );
        let altered = path.replace("/dir/k", "/dir/l");
        assert_eq!(status(&get(&altered, host).await), "403");
        let other = "other-1250000000.cos.ap-chongqing.myqcloud.com";
        assert_eq!(status(&get(path, other).await), "403", "the host is signed");
    }

    // An upload, whose body is whatever comes.
    let own = client(signing(&served));
    let put = own.put_object(BUCKET, "new", "").content_type("text/x-new");
    let signed = put.presign(hour).await.unwrap();
    assert_eq!(signed.method(), "PUT");
    let path = &signed.url()[signed.url().find("/new").unwrap()..];
    let line = format!("PUT {path} HTTP/1.1");
    let mut head: Vec<String> = vec![line, "Content-Length: 5".to_owned()];
    for (name, value) in signed.headers() {
        head.push(format!("{name}: {}", value.to_str().unwrap()));
    }
    let head: Vec<_> = head.iter().map(String::as_str).collect();
    let answer = served.exchange(&head, "later").await;
    assert_eq!(status(&answer), "200", "{answer}");
    let read = own.get_object(BUCKET, "new").send().await.unwrap();
    assert_eq!(read.headers()["content-type"], "text/x-new");
    assert_eq!(text(read.into_body()).await, "later");
    // Without the header that is signed it is another request.
    let without: Vec<_> = head
        .iter()
        .filter(|line| !line.starts_with("content-type"))
        .copied()
        .collect();
    assert_eq!(status(&served.exchange(&without, "later").await), "403");
}

#[tokio::test]
async fn a_presigned_url_covers_its_picture_pipeline() {
    let served = served().await;
    let own = client(signing(&served));
    let pipeline = Pipeline::new()
        .then(
            ImageMogr2::new()
                .thumbnail(Thumbnail::Percent(50))
                .format(Format::Webp),
        )
        .then(TextWatermark::new("a b").gravity(Gravity::SouthEast));
    let options = CallOptions::new().query(pipeline.rule().unwrap(), "");
    let call = own.get_object(BUCKET, "dir/k").options(options);
    let signed = call.presign(Duration::from_hours(1)).await.unwrap();
    let url = signed.url();
    assert!(
        url.contains("q-url-param-list=imagemogr2%252fthumbnail%252f%252150p%252fformat"),
        "{url}"
    );
    let path = &url[url.find("/dir/k").unwrap()..];
    let host = format!("Host: {}", signed.headers()["host"].to_str().unwrap());
    let get = async |path: &str| {
        let line = format!("GET {path} HTTP/1.1");
        served.exchange(&[&line, &host], "").await
    };
    // The signature is accepted: what is refused is the object, which is no picture.
    let answer = get(path).await;
    assert_eq!(status(&answer), "400", "{answer}");
    assert!(answer.contains("<Code>InvalidContent</Code>"), "{answer}");

    let (pipeline, signature) = path.split_once('?').unwrap().1.split_once('&').unwrap();
    assert!(pipeline.starts_with("imageMogr2"), "{path}");
    for altered in [
        path.replacen("%2150p", "%2190p", 1),
        path.replacen("webp", "jpg", 1),
        format!("/dir/k?{signature}"),
    ] {
        let answer = get(&altered).await;
        assert_eq!(status(&answer), "403", "{altered}: {answer}");
        assert!(
            answer.contains("<Code>SignatureDoesNotMatch</Code>"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn an_anonymous_client_reads_what_is_public() {
    let served = served().await;
    let own = client(signing(&served));
    own.put_object(BUCKET, "open", "for all")
        .acl("public-read")
        .send()
        .await
        .unwrap();
    let anyone = client(builder(&served).anonymous());
    let read = anyone.get_object(BUCKET, "open").send().await.unwrap();
    assert_eq!(text(read.into_body()).await, "for all");
    let error = anyone.get_object(BUCKET, "dir/k").send().await.unwrap_err();
    assert!(
        error.to_string().contains("the call was anonymous"),
        "{error}"
    );
    assert_eq!(code::<()>(Err(error)), "AccessDenied");
}
