//! Who may see the console, and what a browser may do with its page.

use tcloud_local::Settings;

use super::{Console, head};
use crate::fixture::{BUCKET, REGION};
use crate::sockets::status;

/// One address of each kind.
const ADDRESSES: [&str; 6] = [
    "GET /_local/",
    "GET /_local/console/app.js",
    "GET /_local/console/operations",
    "GET /_local/console/jobs",
    "GET /_local/console/call/cos/",
    "GET /_local/console/requests/none",
];

#[tokio::test]
async fn the_page_may_use_its_own_files_alone() {
    let console = Console::new().await;
    let page = console.exchange("GET /_local/", &[], "").await;
    assert_eq!(status(&page), "200");
    let head_of_page = head(&page);
    assert!(head_of_page.contains("content-type: text/html; charset=utf-8"));
    for part in [
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
         connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cross-origin-resource-policy: same-origin",
    ] {
        assert!(head_of_page.contains(part), "{head_of_page}");
    }
    assert!(!head_of_page.contains("set-cookie"));
    // Everything that the files name is there, and from here.
    let mut open = vec!["console/app.js", "console/console.css", "console/icon.svg"];
    assert!(open.iter().all(|name| page.contains(name)), "{page}");
    let mut seen: Vec<String> = Vec::new();
    let mut files: Vec<String> = open.drain(..).map(ToOwned::to_owned).collect();
    while let Some(name) = files.pop() {
        if seen.contains(&name) {
            continue;
        }
        let file = console
            .exchange(&format!("GET /_local/{name}"), &[], "")
            .await;
        assert_eq!(status(&file), "200", "{name}");
        assert!(!file.contains("innerHTML"), "{name}");
        assert!(!file.contains("https://"), "{name}");
        assert!(file.lines().count() < 500, "{name}");
        let imports = file.split(" from './").skip(1);
        let names = imports.filter_map(|rest| rest.split('\'').next());
        files.extend(names.map(|own| format!("console/{own}")));
        seen.push(name);
    }
    assert!(seen.len() > 10, "{seen:?}");
}

#[tokio::test]
async fn only_names_of_this_machine_lead_to_it() {
    let console = Console::with(Settings::default().allow_host("emulator")).await;
    for line in ADDRESSES {
        for host in ["localhost", "127.0.0.1", "[::1]", "x.localhost"] {
            let host = format!("Host: {host}:{}", console.served.port);
            let answer = console.exchange(line, &[&host], "").await;
            assert_ne!(status(&answer), "403", "{line} {host}");
        }
        // The last two may be anybody's, and are good enough for other pages.
        for host in [
            "evil.example",
            "localhost.evil.example",
            "192.168.1.5",
            "emulator",
        ] {
            let host = format!("Host: {host}");
            let answer = console.exchange(line, &[&host], "").await;
            assert_eq!(status(&answer), "403", "{line} {host}");
        }
    }
    let health = console
        .exchange("GET /_local/health", &["Host: emulator"], "")
        .await;
    assert_eq!(status(&health), "200");
}

#[tokio::test]
async fn no_page_of_another_site_acts_by_it() {
    let console = Console::new().await;
    let lines = [
        "PUT /_local/console/call/cos/other-1250000000/",
        "DELETE /_local/console/call/cos/album-1250000000/",
        "POST /_local/console/presign",
        "POST /_local/console/jobs/none/again",
    ];
    for line in lines {
        for origin in ["http://evil.example", "http://localhost:3000", "null"] {
            let origin = format!("Origin: {origin}");
            let answer = console.exchange(line, &[&origin], "").await;
            assert_eq!(status(&answer), "403", "{line} {origin}");
        }
    }
    // Without an `Origin`, as pictures and links of other sites are.
    for line in ADDRESSES.iter().chain(&lines) {
        for site in ["cross-site", "same-site"] {
            let site = format!("Sec-Fetch-Site: {site}");
            let answer = console.exchange(line, &[&site], "").await;
            // A link to the page is harmless.
            let expected = if *line == "GET /_local/" {
                "200"
            } else {
                "403"
            };
            assert_eq!(status(&answer), expected, "{line} {site}");
        }
    }
    let own = format!("Origin: http://localhost:{}", console.served.port);
    let line = "PUT /_local/console/call/cos/other-1250000000/";
    let made = console
        .exchange(line, &[&own, "Sec-Fetch-Site: same-origin"], "")
        .await;
    assert_eq!(status(&made), "200", "{made}");
}

#[tokio::test]
async fn no_stored_page_is_of_its_origin() {
    let console = Console::new().await;
    console
        .cos
        .put_object(BUCKET, "page.html", "<script>alert(1)</script>")
        .content_type("text/html")
        .acl("public-read")
        .send()
        .await
        .unwrap();
    let sandbox = "content-security-policy: sandbox allow-scripts";
    let by_path = format!("GET /{BUCKET}/page.html");
    let page = console.exchange(&by_path, &[], "").await;
    assert_eq!(status(&page), "200", "{page}");
    assert!(head(&page).contains(sandbox), "{page}");
    assert!(page.ends_with("<script>alert(1)</script>"), "{page}");
    // There, it is of the bucket's own origin.
    let host = format!("Host: {BUCKET}.cos.{REGION}.myqcloud.com");
    let page = console.exchange("GET /page.html", &[&host], "").await;
    assert_eq!(status(&page), "200", "{page}");
    assert!(!head(&page).contains(sandbox), "{page}");
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let console = Console::with(Settings::default().console(false)).await;
    for line in ADDRESSES {
        let answer = console.exchange(line, &[], "").await;
        assert_eq!(status(&answer), "404", "{line}");
    }
    let health = console.exchange("GET /_local/health", &[], "").await;
    assert_eq!(status(&health), "200");
}

#[tokio::test]
async fn what_it_has_not_is_refused() {
    let console = Console::new().await;
    for (line, expected) in [
        ("POST /_local/", "405"),
        ("PUT /_local/console/app.js", "405"),
        ("GET /_local/console/nothing", "404"),
        ("GET /_local/console/call/mps/x", "404"),
        ("GET /_local/console/call/cos/Album/x", "400"),
        ("GET /_local/console/jobs?colour=red", "400"),
        ("GET /_local/console/jobs?state=Done", "400"),
        ("GET /_local/console/jobs/none", "404"),
        ("POST /_local/console/jobs/none/cancel", "404"),
        ("POST /_local/console/jobs/none/again", "404"),
        ("POST /_local/console/callbacks/1/again", "404"),
        ("POST /_local/console/callbacks/x/again", "404"),
        ("POST /_local/console/presign", "400"),
        ("POST /_local/console/inspect", "400"),
        ("GET /_local/console/requests/none", "404"),
    ] {
        let (found, text) = console.ask(line, "").await;
        assert_eq!(found, expected, "{line}: {text}");
        assert!(text.contains("\"error\""), "{line}: {text}");
    }
}
