//! Every part of the grammar of picture processing, as its tables have it, over a socket: it runs
//! and does something, or is refused for the reason that `tcloud local --list` gives.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, Rgb, RgbImage};
use tcloud_ci::picture::GRAMMAR;
use tcloud_ci::picture::grammar::{Form, Kind, Operation, Parameter, Piece, Slot};
use tcloud_cos::Client;
use tcloud_local::{Settings, Support, picture_rules};

use crate::fixture::{BUCKET, REGION, bucket_host};
use crate::pictures::{config, get};
use crate::sockets::Served;

/// What has no effect on the picture of this test, and why.
const WITHOUT_EFFECT: &[(&str, &str)] = &[
    ("imageMogr2", "nothing is asked for"),
    ("imageMogr2/strip", "metadata is never kept"),
    ("imageMogr2/auto-orient", "pictures are always upright"),
    ("imageMogr2/format/jpg", "it is a JPEG"),
    ("imageMogr2/minisize", "the result is smaller"),
    ("imageMogr2/ignore-error", "there is no error"),
    ("imageMogr2/gravity/center", "the middle is kept without it"),
    (
        "imageMogr2/gravity/north",
        "what is cut off is at the sides",
    ),
    (
        "imageMogr2/gravity/south",
        "what is cut off is at the sides",
    ),
    ("size-limit/4m", "the picture is smaller"),
    ("size-limit/4m!", "the picture is smaller"),
    ("imageView2/format/jpg", "it is a JPEG"),
    ("imageView2/ignore-error", "there is no error"),
    ("watermark/1/gravity/southeast", "it is there without it"),
    ("watermark/1/blogo/2", "it is cut without it"),
    ("watermark/2/gravity/southeast", "it is there without it"),
    ("watermark/2/font", "the machine may not have it"),
    ("watermark/3/version", "there is one version"),
    ("watermark/3/text", "a picture is hidden"),
    ("watermark/3/level", "it counts for the kind 2"),
    ("watermark/4/version", "there is one version"),
    ("watermark/4/image", "nothing is hidden in it"),
];

/// A picture that everything changes: neither side is a multiple of the other, there are colours,
/// edges and noise.
fn picture() -> Vec<u8> {
    let picture = RgbImage::from_fn(150, 100, |x, y| {
        let noise = u8::try_from((x * 7919 + y * 104_729) % 23).unwrap();
        let [x, y] = [x, y].map(|at| u8::try_from(at).unwrap());
        Rgb([x + noise, y * 2, if x > y { 200 } else { 40 + noise }])
    });
    let mut file = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut file, 90);
    picture.write_with_encoder(encoder).unwrap();
    file
}

/// A picture that is wider than the other one, and lower.
fn mark() -> Vec<u8> {
    let picture = RgbImage::from_fn(200, 70, |x, y| {
        let [x, y] = [x, y].map(|at| u8::try_from(at).unwrap());
        Rgb([255 - x, 30, y * 3])
    });
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

fn base64(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// A value for `slot` of the parameter `rule`, as it is sent; several where each has a meaning of
/// its own.
fn values(rule: &str, form: &str, slot: &Slot) -> Vec<String> {
    let address = |key: &str| base64(&format!("http://{}/{key}", bucket_host()));
    let one = |text: &str| vec![text.to_owned()];
    match (slot.kind, slot.name) {
        (Kind::Word(words), _) => words.iter().map(|word| (*word).to_owned()).collect(),
        (Kind::Switch, _) => vec!["0".to_owned(), "1".to_owned()],
        (Kind::Text, _) => one("small"),
        (Kind::Base64, "Url") => vec![address("mark.png")],
        (Kind::Base64, "Color") => vec![base64("#D02010")],
        (Kind::Base64, "Font") => vec![base64("tahoma.ttf")],
        (Kind::Base64, _) => vec![base64("Holiday")],
        (Kind::Decimal, _) => one("3"),
        // Larger than the picture.
        (_, "Width") if form.ends_with('<') => one("225"),
        (_, "Height") if form.ends_with('<') => one("150"),
        (_, "Width") => one("40"),
        (_, "Height") => one("30"),
        (_, "Area") => one("600"),
        (_, "Scale") => one("50"),
        (_, "Degrees" | "Degree") => one("35"),
        (_, "Frames" | "Size") if !rule.ends_with("fontsize") => one("4"),
        (_, "Share") => one("200"),
        (_, "Quality") if rule.ends_with("lquality") || rule.ends_with("/lq") => one("98"),
        (_, "Spacing") => one("60"),
        (Kind::Integer, _) => {
            let bounds = (slot.min.unwrap_or(0), slot.max.unwrap_or(100));
            vec![20.clamp(bounds.0, bounds.1).to_string()]
        }
        other => panic!("{rule}: no value for {other:?}"),
    }
}

/// All texts of `pieces`, with all values of their slots.
fn texts(rule: &str, form: &str, pieces: &[Piece]) -> Vec<String> {
    let mut texts = vec![String::new()];
    for piece in pieces {
        let parts = match piece {
            Piece::Literal(text) => vec![(*text).to_owned()],
            Piece::Slot(slot) => values(rule, form, slot),
        };
        let longer = |text: String| {
            parts
                .iter()
                .map(move |part| format!("{text}{part}"))
                .collect::<Vec<_>>()
        };
        texts = texts.into_iter().flat_map(longer).collect();
    }
    texts
}

/// How an operation begins in the table of rules: without what differs from rule to rule.
fn name(operation: &Operation) -> String {
    let fixed = operation.head.iter().filter_map(|piece| match piece {
        Piece::Literal(text) => Some(*text),
        Piece::Slot(_) => None,
    });
    fixed.collect::<Vec<_>>().join("/")
}

/// What the parameter `rule` needs beside it.
fn beside(rule: &str) -> &'static str {
    match rule {
        "imageMogr2/pad" => "/thumbnail/50x50",
        "imageMogr2/color" => "/thumbnail/50x50/pad/1",
        "imageMogr2/gravity" => "/crop/30x30",
        "imageMogr2/cgif" => "/format/gif",
        "imageMogr2/interlace" | "imageMogr2/size-limit" => "/format/jpg",
        "imageView2"
        | "imageView2/format"
        | "imageView2/q"
        | "imageView2/rq"
        | "imageView2/lq"
        | "imageView2/ignore-error"
        | "imageView2/h" => "/w/45",
        "watermark/1/scatype" | "watermark/2/scatype" => "/spcent/200",
        "watermark/1/spcent" | "watermark/2/spcent" => "/scatype/1",
        "watermark/1/spacing"
        | "watermark/1/degree"
        | "watermark/2/spacing"
        | "watermark/2/degree" => "/batch/1",
        _ => "",
    }
}

/// A rule to be sent.
#[derive(Debug)]
struct Example {
    /// What it is in the table of rules, with its word or switch.
    rule: String,
    /// The same without.
    short: String,
    text: String,
    /// The same without what is tried.
    base: Option<String>,
}

impl Example {
    /// What becomes of it, by the most exact row.
    fn support(&self, rules: &BTreeMap<&str, Support>) -> Support {
        let found = rules.get(&*self.rule).or(rules.get(&*self.short));
        *found.unwrap_or_else(|| panic!("{} is in no row", self.rule))
    }

    fn is_without_effect(&self) -> bool {
        let names = [&*self.rule, &*self.short];
        let mut known = WITHOUT_EFFECT.iter();
        // The picture shows no code.
        self.short.starts_with("QRcode")
            || self.text.ends_with("/0")
            || known.any(|(rule, _)| names.contains(rule) || self.text.ends_with(rule))
    }
}

/// `/name/value` of each form of `parameter`, the word or switch in it, and the form.
fn written(rule: &str, parameter: &Parameter) -> Vec<(Option<String>, String)> {
    let each = |form: &Form| {
        let is_choice = |piece: &Piece| {
            let Piece::Slot(slot) = piece else {
                return false;
            };
            matches!(slot.kind, Kind::Word(_) | Kind::Switch)
        };
        let chooses = form.pieces.iter().any(is_choice);
        let values = texts(rule, form.text, form.pieces);
        values.into_iter().map(move |value| {
            let text = if value.is_empty() {
                format!("/{}", parameter.name)
            } else {
                format!("/{}/{value}", parameter.name)
            };
            (chooses.then_some(value), text)
        })
    };
    parameter.forms.iter().flat_map(each).collect()
}

/// The examples of `operation`.
fn examples(operation: &'static Operation) -> Vec<Example> {
    let name = name(operation);
    let heads = operation
        .head
        .iter()
        .map(|piece| texts(&name, "", std::slice::from_ref(piece)));
    let mut begun = vec![String::new()];
    for parts in heads {
        let longer = |text: &String| {
            let separator = if text.is_empty() { "" } else { "/" };
            parts
                .iter()
                .map(move |part| format!("{text}{separator}{part}"))
                .collect::<Vec<_>>()
        };
        begun = begun.iter().flat_map(longer).collect();
    }
    // What the operation means nothing without, but for `but`; blind watermarks take what their kind
    // needs.
    let needed = |but: &str| {
        let is_blind = name == "watermark/3" || name == "watermark/4";
        let needed = operation.parameters.iter().filter(|it| {
            let is_content = is_blind && matches!(it.name, "image" | "text");
            (it.required || is_content) && it.name != but
        });
        let texts = needed.map(|it| written(&format!("{name}/{}", it.name), it).remove(0).1);
        texts.collect::<String>()
    };
    let mut examples: Vec<_> = begun
        .iter()
        .map(|head| Example {
            rule: head.clone(),
            short: name.clone(),
            text: format!("{head}{}{}", needed(""), beside(&name)),
            base: None,
        })
        .collect();
    let head = begun.first().unwrap();
    for parameter in operation.parameters {
        let rule = format!("{name}/{}", parameter.name);
        let around = format!("{head}{}{}", needed(parameter.name), beside(&rule));
        for (choice, text) in written(&rule, parameter) {
            let choice = choice.map_or(String::new(), |word| format!("/{word}"));
            examples.push(Example {
                rule: format!("{rule}{choice}"),
                short: rule.clone(),
                text: format!("{around}{text}"),
                base: (!parameter.required).then(|| around.clone()),
            });
        }
    }
    examples
}

fn has_program(name: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(name).is_file())
}

async fn served() -> Served {
    let served = Served::new(Settings::default().default_region(REGION)).await;
    let own = Client::new(&config(&served));
    own.put_bucket(BUCKET).send().await.unwrap();
    for (key, file) in [("p.jpg", picture()), ("mark.png", mark())] {
        let put = own.put_object(BUCKET, key, file).acl("public-read");
        put.send().await.unwrap();
    }
    let ci = tcloud_ci::Client::new(&config(&served));
    let style = ci.update_bucket_style(BUCKET, "small", "imageMogr2/thumbnail/20x");
    style.send().await.unwrap();
    ci.update_bucket_image_slim(BUCKET).send().await.unwrap();
    served
}

/// The answer to `rule`: its status, and the picture, the words or the refusal.
async fn answer(served: &Served, rule: &str) -> (String, Vec<u8>) {
    let query: String = rule
        .chars()
        .map(|letter| match letter {
            '<' => "%3C".to_owned(),
            '>' => "%3E".to_owned(),
            other => other.to_string(),
        })
        .collect();
    let answer = get(served, &format!("/p.jpg?{query}")).await;
    (answer.status().to_owned(), answer.body)
}

/// What `rule` makes of a stored picture, which is where codes are read.
async fn stored(served: &Served, rule: &str) -> (String, Vec<u8>) {
    let ci = tcloud_ci::Client::new(&config(served));
    let rules = format!(r#"{{"rules":[{{"fileid":"made.jpg","rule":"{rule}"}}]}}"#);
    let call = ci.process_stored_image(BUCKET, "p.jpg", rules);
    match call.send().await {
        Ok(_) => ("200".to_owned(), Vec::new()),
        Err(error) => {
            let status = error
                .status()
                .map_or(String::new(), |it| it.as_u16().to_string());
            (status, error.to_string().into_bytes())
        }
    }
}

async fn tried(served: &Served, example: &Example, text: &str) -> (String, Vec<u8>) {
    if example.short.starts_with("QRcode") {
        stored(served, text).await
    } else {
        answer(served, text).await
    }
}

#[tokio::test]
async fn every_part_of_the_grammar_runs_or_is_refused_for_its_reason() {
    let rules: BTreeMap<_, _> = picture_rules().collect();
    assert_eq!(rules.len(), picture_rules().len(), "a rule is there twice");
    let served = served().await;
    let mut used = BTreeSet::new();
    let mut wrong = Vec::new();
    let mut bases = BTreeMap::new();
    let all = GRAMMAR.iter().flat_map(|operation| examples(operation));
    for example in all {
        let support = example.support(&rules);
        let key = [&example.rule, &example.short].map(String::as_str);
        used.extend(rules.keys().filter(|rule| key.contains(*rule)).copied());
        let (status, body) = tried(&served, &example, &example.text).await;
        let said = String::from_utf8_lossy(&body).replace("&apos;", "'");
        let says = |text: &str| said.contains(text);
        let needs_program = example.rule.ends_with("/heif") && !has_program("heif-enc");
        let is_right = match support {
            Support::Refused(reason) => status == "501" && says(reason) && says(&example.rule),
            Support::By(_) if needs_program => status == "501" && says("HEIF"),
            Support::By(_) | Support::Kept(_) => status == "200",
        };
        if !is_right {
            wrong.push(format!(
                "{}: {support:?}, but {status} {said}",
                example.text
            ));
            continue;
        }
        let (Some(base), "200", false) = (&example.base, &*status, example.is_without_effect())
        else {
            continue;
        };
        if !bases.contains_key(base) {
            let made = tried(&served, &example, base).await;
            bases.insert(base.clone(), made.1);
        }
        if bases.get(base) == Some(&body) {
            wrong.push(format!("{} does what {base} does", example.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unused: Vec<_> = rules.keys().filter(|rule| !used.contains(*rule)).collect();
    assert!(unused.is_empty(), "the grammar does not have {unused:?}");
}
