use super::{
    Address, Addresses, ApiDomain, ApiHost, CiHost, CosHost, Domain, Given, HostUrl, Hosts,
};
use crate::endpoint::{Endpoint, Site};
use crate::operation::{Operation, Protocol, Service};
use crate::schema::Structure;

static NOTHING: Structure = Structure::new("Nothing", &[]);
static COS: Service = Service::new("cos", "Object Storage", "", Protocol::Cos);
static CI: Service = Service::new("ci", "Cloud Infinite", "", Protocol::Ci);
static MPS: Service = Service::new("mps", "Media Processing", "2019-06-12", Protocol::Tc3);

const fn operation(service: &'static Service, host: &'static str) -> Operation {
    Operation::new(service, "Ask", "GET", "/", host, &NOTHING, &NOTHING)
}

static OBJECT: Operation = operation(&COS, "{bucket}.cos.{region}.myqcloud.com");
static SERVICE: Operation = operation(&COS, "service.cos.myqcloud.com");
static JOB: Operation = operation(&CI, "{bucket}.ci.{region}.myqcloud.com");
static PICTURE: Operation = operation(&CI, "{bucket}.cos.{region}.myqcloud.com");
static STYLE: Operation = operation(&CI, "{bucket}.pic.{region}.myqcloud.com");
static BUCKETS: Operation = operation(&CI, "ci.{region}.myqcloud.com");
static TASK: Operation = operation(&MPS, "mps.tencentcloudapi.com");

const BUCKET: &str = "album-1250000000";

fn of(operation: &Operation, hosts: &Hosts) -> Addresses {
    at("ap-guangzhou", operation, hosts).unwrap()
}

fn at(
    region: &str,
    operation: &Operation,
    hosts: &Hosts,
) -> Result<Addresses, crate::error::Error> {
    let labels = [("bucket", BUCKET.to_owned())];
    Addresses::of(
        operation,
        Given {
            hosts,
            site: Site::China,
            endpoint: None,
            region: (!region.is_empty()).then_some(region),
            labels: &labels,
        },
    )
}

fn url(text: &str) -> HostUrl {
    HostUrl::parse(text).unwrap()
}

#[test]
fn each_choice_names_the_documented_host_of_storage() {
    let cos = |host| Hosts::new().cos(host);
    let ci = |host| Hosts::new().ci(host);
    for (operation, hosts, expected) in [
        (
            &OBJECT,
            Hosts::new(),
            "album-1250000000.cos.ap-guangzhou.myqcloud.com",
        ),
        (&SERVICE, Hosts::new(), "service.cos.myqcloud.com"),
        (
            &OBJECT,
            cos(CosHost::SecondDomain),
            "album-1250000000.cos.ap-guangzhou.tencentcos.cn",
        ),
        (
            &SERVICE,
            cos(CosHost::SecondDomain),
            "service.cos.tencentcos.cn",
        ),
        (
            &OBJECT,
            cos(CosHost::DualStack),
            "album-1250000000.cos-dualstack.ap-guangzhou.myqcloud.com",
        ),
        (
            &SERVICE,
            cos(CosHost::DualStack),
            "service.cos.myqcloud.com",
        ),
        (
            &OBJECT,
            cos(CosHost::Accelerate),
            "album-1250000000.cos.accelerate.myqcloud.com",
        ),
        (
            &SERVICE,
            cos(CosHost::Accelerate),
            "service.cos.myqcloud.com",
        ),
        (
            &OBJECT,
            Hosts::internal(),
            "album-1250000000.cos-internal.ap-guangzhou.tencentcos.cn",
        ),
        (
            &SERVICE,
            Hosts::internal(),
            "cos-internal.ap-guangzhou.tencentcos.cn",
        ),
        (
            &PICTURE,
            Hosts::internal(),
            "album-1250000000.cos-internal.ap-guangzhou.tencentcos.cn",
        ),
        (
            &JOB,
            Hosts::internal(),
            "album-1250000000.ci.ap-guangzhou.myqcloud.com",
        ),
        (
            &JOB,
            ci(CiHost::SecondDomain),
            "album-1250000000.ci.ap-guangzhou.tencentci.cn",
        ),
        (
            &STYLE,
            ci(CiHost::SecondDomain),
            "album-1250000000.pic.ap-guangzhou.tencentci.cn",
        ),
        (
            &BUCKETS,
            Hosts::second_domain(),
            "ci.ap-guangzhou.tencentci.cn",
        ),
    ] {
        assert_alone(&of(operation, &hosts), expected);
    }
}

#[test]
fn each_choice_names_the_documented_host_of_an_api() {
    let api = |host| Hosts::new().api(host);
    for (operation, hosts, expected) in [
        (&TASK, Hosts::new(), "mps.tencentcloudapi.com"),
        (
            &TASK,
            api(ApiHost::Regional),
            "mps.ap-guangzhou.tencentcloudapi.com",
        ),
        (&TASK, Hosts::internal(), "mps.internal.tencentcloudapi.com"),
        (&TASK, Hosts::second_domain(), "mps.tencentcloudapi.cn"),
        (
            &TASK,
            api(ApiHost::Regional).api_domain(ApiDomain::ComCn),
            "mps.ap-guangzhou.tencentcloudapi.com.cn",
        ),
    ] {
        assert_alone(&of(operation, &hosts), expected);
    }
}

/// One host alone: it has no backup unless that is asked for.
fn assert_alone(addresses: &Addresses, host: &str) {
    let expected = Address {
        scheme: "https".to_owned(),
        authority: host.to_owned(),
        host: host.to_owned(),
    };
    assert_eq!(addresses.first, expected);
    assert_eq!(addresses.backups, []);
}

#[test]
fn regions_of_finance_and_the_international_site_have_hosts_of_their_own() {
    let finance = at("ap-shanghai-fsi", &TASK, &Hosts::new()).unwrap();
    assert_eq!(
        finance.first.host,
        "mps.ap-shanghai-fsi.tencentcloudapi.com"
    );
    let hosts = Hosts::new();
    let given = Given {
        hosts: &hosts,
        site: Site::International,
        endpoint: None,
        region: None,
        labels: &[],
    };
    let addresses = Addresses::of(&TASK, given).unwrap();
    assert_eq!(addresses.first.host, "mps.intl.tencentcloudapi.com");
}

#[test]
fn accelerated_and_own_addresses_need_no_region() {
    let host = |operation, hosts: &Hosts| at("", operation, hosts).map(|it| it.first.host);
    let accelerated = Hosts::new().cos(CosHost::Accelerate);
    assert_eq!(
        host(&OBJECT, &accelerated).unwrap(),
        "album-1250000000.cos.accelerate.myqcloud.com"
    );
    assert!(host(&OBJECT, &Hosts::new()).is_err());
    assert!(host(&TASK, &Hosts::new().api(ApiHost::Regional)).is_err());
}

#[test]
fn a_domain_serves_its_own_bucket_alone() {
    let domain = Domain::parse("img.Example.com").unwrap();
    let hosts = Hosts::internal().domain(BUCKET, domain.clone());
    let with = of(&OBJECT, &hosts).first;
    assert_eq!([&*with.authority, &*with.host], ["img.example.com"; 2]);

    let without = Hosts::new().domain(BUCKET, domain.clone().without_cname());
    let behind = of(&OBJECT, &without).first;
    assert_eq!(behind.host, "img.example.com");
    assert_eq!(
        behind.authority,
        "album-1250000000.cos.ap-guangzhou.myqcloud.com"
    );

    let other = Hosts::new().domain("other-1250000000", domain);
    for (operation, hosts) in [(&OBJECT, &other), (&JOB, &hosts), (&SERVICE, &hosts)] {
        assert!(!of(operation, hosts).first.host.contains("example"));
    }
}

#[test]
fn an_address_has_its_own_host() {
    let hosts = Hosts::new()
        .cos(CosHost::Url(url("http://127.0.0.1:9000/")))
        .ci(CiHost::Url(url(
            "https://{bucket}.{service}.{region}.example.com:8443",
        )))
        .api(ApiHost::Url(url("gateway.example.com")));
    let shown = |operation| {
        let Address {
            scheme,
            authority,
            host,
        } = of(operation, &hosts).first;
        assert_eq!(authority, host);
        format!("{scheme}://{host}")
    };
    assert_eq!(shown(&OBJECT), "http://127.0.0.1:9000");
    assert_eq!(
        shown(&JOB),
        "https://album-1250000000.ci.ap-guangzhou.example.com:8443"
    );
    assert_eq!(shown(&TASK), "https://gateway.example.com");
    // What is about no bucket has nothing to put there.
    let of_bucket = Hosts::new().cos(CosHost::Url(url("http://{bucket}.example.com")));
    let labels = [];
    let given = Given {
        hosts: &of_bucket,
        site: Site::China,
        endpoint: None,
        region: None,
        labels: &labels,
    };
    let error = Addresses::of(&SERVICE, given).unwrap_err();
    assert_eq!(error.message(), "`bucket` is missing");
}

#[test]
fn an_endpoint_is_connected_to_and_the_host_stays() {
    let endpoint = Endpoint::parse("http://127.0.0.1:9000").unwrap();
    let hosts = Hosts::internal().backup(true);
    let labels = [("bucket", BUCKET.to_owned())];
    let given = Given {
        hosts: &hosts,
        site: Site::China,
        endpoint: Some(&endpoint),
        region: Some("ap-guangzhou"),
        labels: &labels,
    };
    let address = Addresses::of(&OBJECT, given).unwrap().first;
    assert_eq!(address.scheme, "http");
    assert_eq!(address.authority, "127.0.0.1:9000");
    assert_eq!(
        address.host,
        "album-1250000000.cos-internal.ap-guangzhou.tencentcos.cn"
    );
}

#[test]
fn backups_are_the_same_host_under_other_domains() {
    let backups = |operation, hosts: Hosts| {
        let addresses = of(operation, &hosts.backup(true));
        let hosts: Vec<_> = addresses.backups.into_iter().map(|it| it.host).collect();
        hosts
    };
    assert_eq!(
        backups(&OBJECT, Hosts::new()),
        ["album-1250000000.cos.ap-guangzhou.tencentcos.cn"]
    );
    assert_eq!(
        backups(&JOB, Hosts::new()),
        ["album-1250000000.ci.ap-guangzhou.tencentci.cn"]
    );
    assert_eq!(
        backups(&TASK, Hosts::new()),
        ["mps.tencentcloudapi.cn", "mps.tencentcloudapi.com.cn"]
    );
    assert_eq!(
        backups(&TASK, Hosts::second_domain()),
        ["mps.tencentcloudapi.com", "mps.tencentcloudapi.com.cn"]
    );
    let domain = Domain::parse("img.example.com").unwrap();
    for hosts in [
        Hosts::internal(),
        Hosts::new().cos(CosHost::Accelerate),
        Hosts::new().domain(BUCKET, domain),
    ] {
        assert!(backups(&OBJECT, hosts).is_empty());
    }
}

#[test]
fn what_is_no_host_is_refused() {
    for text in [
        "",
        "com",
        "a..b",
        "-a.com",
        "a.com/x",
        "http://a.com",
        "a.com:80",
        "a b.com",
    ] {
        assert!(Domain::parse(text).is_err(), "{text}");
    }
    for text in [
        "ftp://a.com",
        "http://a.com/{bucket}",
        "http://{key}.example.com",
        "http://{bucket}@example.com",
        "http://",
    ] {
        assert!(HostUrl::parse(text).is_err(), "{text}");
    }
    let labels = [("bucket", "evil.com/".to_owned())];
    let hosts = Hosts::new().cos(CosHost::Url(url("http://{bucket}.example.com")));
    let given = Given {
        hosts: &hosts,
        site: Site::China,
        endpoint: None,
        region: Some("ap-guangzhou"),
        labels: &labels,
    };
    assert!(Addresses::of(&OBJECT, given).is_err());
}
