//! What is set for the pictures of a bucket: styles, protection of originals, hotlinks.

use tcloud_ci::types::{HotlinkKind, SwitchState};
use tcloud_local::Settings;

use crate::fixture::{BUCKET, code};
use crate::pictures::{BLUE, GRAY, GREEN, RED, check, config, exchange, get, served};
use crate::sockets::Served;

/// A bucket with the style `half`.
async fn styled() -> (Served, tcloud_ci::Client) {
    let (served, _) = served().await;
    let ci = tcloud_ci::Client::new(&config(&served));
    let half = ci.update_bucket_style(BUCKET, "half", "imageMogr2/thumbnail/!50p");
    half.send().await.unwrap();
    (served, ci)
}

#[tokio::test]
async fn a_style_stands_in_the_query_or_behind_the_key() {
    let (served, ci) = styled().await;
    let same = [RED, GREEN, BLUE, GRAY];
    for target in ["/cat.png?style/half", "/cat.png!half"] {
        check(&get(&served, target).await.picture(), (40, 30), same);
    }
    // Before and behind other operations.
    let both = "/cat.png?style/half|imageMogr2/thumbnail/20x|style/half";
    check(&get(&served, both).await.picture(), (10, 8), same);

    let change = ci.update_bucket_style(BUCKET, "half", "?imageMogr2/thumbnail/20x");
    change.send().await.unwrap();
    check(
        &get(&served, "/cat.png!half").await.picture(),
        (20, 15),
        same,
    );

    let gone = get(&served, "/cat.png?style/none").await;
    assert_eq!(gone.status(), "400", "{}", gone.text());
    assert!(gone.text().contains("`none`"), "{}", gone.text());
    // Only what has a name of a style behind it is anything else than a key.
    assert_eq!(get(&served, "/cat.png!none").await.status(), "403");
    // Who may not read the object may not read it in a style.
    assert_eq!(get(&served, "/secret.png!half").await.status(), "403");
}

#[tokio::test]
async fn an_object_goes_before_a_style_of_its_name() {
    let (served, cos) = served().await;
    let ci = tcloud_ci::Client::new(&config(&served));
    let half = ci.update_bucket_style(BUCKET, "half", "imageMogr2/thumbnail/!50p");
    half.send().await.unwrap();
    let put = cos.put_object(BUCKET, "cat.png!half", "itself");
    put.acl("public-read").send().await.unwrap();
    assert_eq!(get(&served, "/cat.png!half").await.text(), "itself");
}

#[tokio::test]
async fn styles_are_listed_and_removed() {
    let (_served, ci) = styled().await;
    let other = ci.update_bucket_style(BUCKET, "gray", "imageMogr2/grayscale/1");
    other.send().await.unwrap();
    let all = ci.describe_bucket_style(BUCKET).send().await.unwrap();
    let names = all.into_output().style_rule.into_iter();
    let names: Vec<_> = names.filter_map(|rule| rule.style_name).collect();
    assert_eq!(names, ["gray", "half"]);
    let one = ci.describe_bucket_style(BUCKET).style_name("half");
    let rules = one.send().await.unwrap().into_output().style_rule;
    let bodies: Vec<_> = rules
        .iter()
        .map(|rule| rule.style_body.as_deref())
        .collect();
    assert_eq!(bodies, [Some("imageMogr2/thumbnail/!50p")]);

    ci.delete_bucket_style(BUCKET, "half").send().await.unwrap();
    let gone = ci.delete_bucket_style(BUCKET, "half").send().await;
    assert_eq!(code(gone), "NoSuchStyle");
    let gone = ci.describe_bucket_style(BUCKET).style_name("half");
    assert_eq!(code(gone.send().await), "NoSuchStyle");
}

#[tokio::test]
async fn a_style_that_could_not_be_used_is_refused() {
    let (_served, ci) = styled().await;
    for (name, body, expected) in [
        ("a/b", "imageMogr2/rotate/9", "InvalidArgument"),
        ("a!b", "imageMogr2/rotate/9", "InvalidArgument"),
        ("turned", "imageMogr2/rotate/left", "InvalidArgument"),
        ("again", "style/half", "InvalidArgument"),
        ("tpg", "imageMogr2/format/tpg", "NotImplemented"),
    ] {
        let put = ci.update_bucket_style(BUCKET, name, body);
        assert_eq!(code(put.send().await), expected, "{name}: {body}");
    }
}

#[tokio::test]
async fn a_protected_original_is_had_as_a_style_or_signed() {
    let (served, ci) = styled().await;
    let on = ci.describe_bucket_origin_protect(BUCKET);
    let on = on.send().await.unwrap().into_output().status;
    assert_eq!(on, Some(SwitchState::Off));
    let protect = ci.update_bucket_origin_protect(BUCKET);
    protect.send().await.unwrap();

    for target in ["/cat.png", "/cat.png?imageMogr2/rotate/90"] {
        let refused = get(&served, target).await;
        assert_eq!(refused.status(), "403", "{target}");
        assert!(refused.text().contains("AccessDenied"));
    }
    for target in ["/cat.png?style/half", "/cat.png!half", "/cat.png?imageInfo"] {
        assert_eq!(get(&served, target).await.status(), "200", "{target}");
    }
    let original = ci.get_origin_image(BUCKET, "cat.png").send().await.unwrap();
    let bytes = original.into_body().collect(1 << 20).await.unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));
    let unsigned = get(&served, "/cat.png?ci-process=originImage").await;
    assert_eq!(unsigned.status(), "403");

    let end = ci.delete_bucket_origin_protect(BUCKET);
    end.send().await.unwrap();
    assert_eq!(get(&served, "/cat.png").await.status(), "200");
}

#[tokio::test]
async fn only_some_pages_may_show_pictures() {
    let (served, ci) = styled().await;
    let from = async |referer: &str| {
        let answer = exchange(&served, "GET", "/cat.png", &[referer]).await;
        answer.status().to_owned()
    };
    let listed = "Referer: http://www.example.com/page";
    let other = "Referer: http://elsewhere.org/";
    for (kind, expected) in [
        (HotlinkKind::White, ["200", "403", "403"]),
        (HotlinkKind::Black, ["403", "200", "200"]),
        (HotlinkKind::Off, ["200", "200", "200"]),
    ] {
        let set = ci.update_bucket_hotlink(BUCKET, ["www.example.com"], kind.clone());
        set.send().await.unwrap();
        let found = [
            from(listed).await,
            from(other).await,
            from("Accept: */*").await,
        ];
        assert_eq!(found, expected, "{kind}");
        let shown = ci.describe_bucket_hotlink(BUCKET).send().await.unwrap();
        let shown = shown.into_output();
        assert_eq!(shown.type_, Some(kind.clone()));
        assert_eq!(
            shown.status == Some(SwitchState::On),
            kind != HotlinkKind::Off
        );
    }
}

#[tokio::test]
async fn guetzli_is_kept() {
    let (_served, ci) = styled().await;
    let state = async || {
        let told = ci.describe_bucket_guetzli(BUCKET).send().await.unwrap();
        told.into_output().status
    };
    assert_eq!(state().await, Some(SwitchState::Off));
    ci.update_bucket_guetzli(BUCKET).send().await.unwrap();
    assert_eq!(state().await, Some(SwitchState::On));
    ci.delete_bucket_guetzli(BUCKET).send().await.unwrap();
    assert_eq!(state().await, Some(SwitchState::Off));
}

#[tokio::test]
async fn separators_are_a_setting() {
    let settings = Settings::default();
    assert_eq!(settings.style_separators.len(), 1);
    assert!(settings.style_separators([]).style_separators.is_empty());
}
