//! A command with a cloud of its own, and a cloud that says when it is ready.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::served::{Served, send};
use crate::support::{BUCKET, Finished, finish, get_object, tcloud};

fn exec(arguments: &[&str]) -> Finished {
    finish(tcloud().args(["local", "exec"]).args(arguments))
}

#[test]
fn a_command_finds_the_cloud_in_its_environment() {
    let mut command = tcloud();
    command
        .env("TENCENTCLOUD_TOKEN", "of-somebody-else")
        .env("TENCENTCLOUD_SECRET_ID", "of-somebody-else")
        .env("no_proxy", "*")
        .args(["local", "exec", "--region", "ap-beijing"])
        .args([
            "--bucket",
            BUCKET,
            "--bucket",
            "other-1250000000",
            "--",
            "env",
        ]);
    let ended = finish(&mut command);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    let all: BTreeMap<_, _> = ended
        .out
        .lines()
        .filter_map(|it| it.split_once('='))
        .collect();
    let url = all["TCLOUD_ENDPOINT"];
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    for (name, value) in [
        ("http_proxy", url),
        ("HTTP_PROXY", url),
        ("no_proxy", "localhost,127.0.0.1,::1"),
        ("TENCENTCLOUD_SECRET_ID", "AKIDlocalcloud"),
        ("TENCENTCLOUD_SECRET_KEY", "localcloudsecret"),
        ("TENCENTCLOUD_REGION", "ap-beijing"),
        ("COS_SECRET_ID", "AKIDlocalcloud"),
        ("COS_SECRET_KEY", "localcloudsecret"),
        ("COS_REGION", "ap-beijing"),
        ("COS_BUCKET", BUCKET),
        ("TCLOUD_BUCKET", BUCKET),
    ] {
        assert_eq!(all.get(name), Some(&value), "{name}");
    }
    assert!(!all.contains_key("TENCENTCLOUD_TOKEN"));
}

#[cfg(feature = "tls")]
#[test]
fn a_command_trusts_the_cloud_over_tls() {
    let ended = exec(&["--tls", "--bucket", BUCKET, "--", "env"]);
    let all: BTreeMap<_, _> = ended
        .out
        .lines()
        .filter_map(|it| it.split_once('='))
        .collect();
    let address = all["TCLOUD_ENDPOINT"].strip_prefix("https://").unwrap();
    let proxy = format!("http://{address}");
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"] {
        assert_eq!(all[name], proxy, "{name}");
    }
    let ca = all["SSL_CERT_FILE"];
    assert!(ca.ends_with("/ca.pem"), "{ca}");
    for name in [
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "AWS_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
    ] {
        assert_eq!(all[name], ca, "{name}");
    }
    // It goes with the command.
    assert!(!std::path::Path::new(ca).exists());

    // By its address, and as SDKs do that insist on https.
    let tcloud = env!("CARGO_BIN_EXE_tcloud");
    let list = [tcloud, "cos", "get-service"];
    let service = ["--endpoint", "https://service.cos.myqcloud.com"];
    for more in [&[][..], &service] {
        let before = ["--tls", "--bucket", BUCKET, "--"];
        let listed = exec(&[&before[..], &list, more].concat());
        assert_eq!(listed.code, 0, "{}", listed.err);
        assert!(listed.out.contains(BUCKET), "{}", listed.out);
    }
    let distrusting = [
        "sh",
        "-c",
        "unset SSL_CERT_FILE; exec \"$0\" cos get-service",
        tcloud,
    ];
    let refused = exec(&[&["--tls", "--"][..], &distrusting].concat());
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("certificate"), "{}", refused.err);
    assert!(refused.err.contains("let it trust"), "{}", refused.err);
}

#[test]
fn a_command_uses_the_cloud() {
    let tcloud = env!("CARGO_BIN_EXE_tcloud");
    let listed = exec(&["--bucket", BUCKET, "--", tcloud, "cos", "get-service"]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    assert!(listed.out.contains(BUCKET), "{}", listed.out);
    // As the SDKs of others do: by the name of the service, and the proxy.
    let service = "http://service.cos.myqcloud.com";
    let call = [tcloud, "cos", "get-service", "--endpoint", service];
    let proxied = exec(&[&["--bucket", BUCKET, "--"][..], &call].concat());
    assert_eq!(proxied.code, 0, "{}", proxied.err);
    assert!(proxied.out.contains(BUCKET), "{}", proxied.out);
}

#[test]
fn it_ends_as_the_command_does() {
    assert_eq!(exec(&["--", "sh", "-c", "exit 7"]).code, 7);
    assert_eq!(exec(&["--", "true"]).code, 0);
    assert_eq!(exec(&["--", "sh", "-c", "kill -9 $$"]).code, 137);
    let none = exec(&["--", "/nowhere/to/be/found", "--help"]);
    assert_eq!(none.code, 127);
    assert!(
        none.err.contains("/nowhere/to/be/found cannot be run"),
        "{}",
        none.err
    );
    let folder = exec(&["--", "/"]);
    assert_eq!(folder.code, 126, "{}", folder.err);
    assert_eq!(exec(&[]).code, 2);
    let wrong = exec(&["--bucket", "Album", "--", "true"]);
    assert_eq!(wrong.code, 1);
    assert!(
        wrong.err.contains("`Album` cannot be a bucket"),
        "{}",
        wrong.err
    );
}

#[cfg(unix)]
#[test]
fn signals_are_passed_on() {
    for (signal, code) in [("TERM", 9), ("INT", 10), ("HUP", 11)] {
        // What it waits for has to end as well.
        let script = "sleep 1000 & trap 'kill $!; exit 9' TERM; trap 'kill $!; exit 10' INT; \
                      trap 'kill $!; exit 11' HUP; echo ready; wait";
        let mut process = Command::new(env!("CARGO_BIN_EXE_tcloud"))
            .args(["local", "exec", "--", "sh", "-c", script])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        send(signal, process.id());
        assert_eq!(process.wait().unwrap().code(), Some(code), "{signal}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_is_there_while_the_cloud_answers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ready");
    fs::write(&path, "http://127.0.0.1:1\n").unwrap();
    let file = path.to_str().unwrap();
    let mut cloud = Served::start(&["--ephemeral", "--ready-file", file]);
    let url = fs::read_to_string(&path).unwrap();
    assert_eq!(url.trim_end(), cloud.address);
    cloud.signal("TERM");
    assert_eq!(cloud.end().1, Some(0));
    assert!(!path.exists());

    #[cfg(feature = "tls")]
    {
        let data = folder.path().join("data");
        let data = data.to_str().unwrap();
        let mut cloud = Served::start(&["--data", data, "--tls", "--ready-file", file]);
        let text = fs::read_to_string(&path).unwrap();
        let ca = format!("{data}/tls/ca.pem");
        assert_eq!(text, format!("{}\n{ca}\n", cloud.address));
        assert!(cloud.greeting().contains(&ca));
        assert!(cloud.address.starts_with("https://"), "{}", cloud.address);
    }

    let nowhere = folder.path().join("none/ready");
    let nowhere = ["local", "--ephemeral", "--port", "0", "--ready-file"]
        .into_iter()
        .chain([nowhere.to_str().unwrap()]);
    let refused = finish(tcloud().args(nowhere));
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("choose another --ready-file"),
        "{}",
        refused.err
    );
}

#[test]
fn a_running_cloud_is_emptied() {
    let cloud = Served::start(&["--ephemeral", "--bucket", BUCKET]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "content").unwrap();
    let file = file.to_str().unwrap();
    let object = ["--bucket", BUCKET, "--key", "a"];
    let put = cloud.run(&[&["cos", "put-object", "--body", file][..], &object].concat());
    assert_eq!(put.code, 0, "{}", put.err);
    let reset = cloud.run(&["local", "reset"]);
    assert_eq!(reset.code, 0, "{}", reset.err);
    assert_eq!(reset.out, "forgotten: 1 buckets, 1 objects, 0 jobs\n");
    let list = cloud.run(&["cos", "get-bucket", "--bucket", BUCKET]);
    assert_eq!(
        list.code, 0,
        "the bucket of the command line is there: {}",
        list.err
    );
    let get = cloud.run(&[&["cos", "get-object"][..], &object].concat());
    assert!(get.err.contains("NoSuchKey"), "{}", get.err);
    let nobody = finish(tcloud().args(["local", "reset", "--endpoint", "http://127.0.0.1:1"]));
    assert_eq!(nobody.code, 1);
    assert!(
        nobody.err.contains("is a local cloud running there?"),
        "{}",
        nobody.err
    );
}

#[test]
fn a_seed_is_there_from_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let album = folder.path().join(BUCKET);
    fs::create_dir(&album).unwrap();
    fs::write(album.join("a.txt"), "content").unwrap();
    let yaml = folder.path().join("seed.yaml");
    let key = "account:\n  keys: [{secretId: AKIDseed, secretKey: s}]\n";
    fs::write(&yaml, key).unwrap();
    let seed = folder.path().to_str().unwrap();
    let tcloud_bin = env!("CARGO_BIN_EXE_tcloud");
    let get = get_object("a.txt", "-");
    let got = exec(&[&["--seed", seed, "--", tcloud_bin][..], &get].concat());
    assert_eq!((got.code, got.out.as_str()), (0, "content"), "{}", got.err);

    let mut cloud = Served::start(&["--ephemeral", "--seed", seed]);
    let greeting = cloud.greeting();
    assert!(greeting.contains(seed), "{greeting}");
    assert!(greeting.contains("AKIDseed"), "{greeting}");

    let account = folder.path().join("account.json");
    fs::write(&account, "{}").unwrap();
    let both = [
        "--seed",
        seed,
        "--account",
        account.to_str().unwrap(),
        "--",
        "true",
    ];
    let refused = exec(&both);
    assert_eq!(refused.code, 2);
    assert!(
        refused.err.contains("leave --account out"),
        "{}",
        refused.err
    );
    fs::write(&yaml, "bucket: {}\n").unwrap();
    let refused = exec(&["--seed", seed, "--", "true"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("seed.yaml, line 1"), "{}", refused.err);
}
