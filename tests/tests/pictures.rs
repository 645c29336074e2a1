//! Rules of picture processing: as documents print them, as the tables allow them, and as nobody
//! would write them.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use tcloud_ci::picture::grammar::{Kind, Operation, Piece};
use tcloud_ci::picture::{GRAMMAR, PicOperations, Pipeline, Rule};

/// The rules of the documents, and what the grammar does not know of each.
fn documented() -> Vec<(&'static str, Option<&'static str>)> {
    include_str!("../data/ci/pictures.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| match line.split_once('\t') {
            Some((rule, unknown)) => (rule, Some(unknown)),
            None => (line, None),
        })
        .collect()
}

#[test]
fn rules_of_the_documents_are_read_and_written_to_the_letter() {
    for (rule, unknown) in documented() {
        let pipeline: Pipeline = rule.parse().unwrap();
        assert_eq!(
            pipeline.unknown().collect::<Vec<_>>(),
            unknown.into_iter().collect::<Vec<_>>(),
            "{rule}"
        );
        assert_eq!(pipeline.rule().unwrap(), rule);
        let query = pipeline.query().unwrap();
        if unknown.is_none() {
            let found = Pipeline::from_query(&format!("a=1&{query}&q-ak=x")).unwrap();
            assert_eq!(found, Some(pipeline.clone()), "{query}");
        }
        let header = PicOperations::new()
            .rule(Rule::new("/a.png", pipeline))
            .to_header()
            .unwrap();
        let again = PicOperations::from_header(&header).unwrap();
        let rules: Vec<_> = again
            .rules()
            .iter()
            .map(|it| it.pipeline().to_string())
            .collect();
        assert_eq!(rules, [rule]);
    }
}

#[test]
fn every_parameter_of_the_grammar_is_among_them() {
    let rules: Vec<_> = documented().into_iter().map(|(rule, _)| rule).collect();
    let steps: Vec<_> = rules.iter().flat_map(|rule| rule.split('|')).collect();
    let missing: Vec<_> = GRAMMAR
        .iter()
        .flat_map(|operation| operation.parameters)
        .flat_map(|parameter| parameter.forms)
        .map(|form| form.text)
        .filter(|form| {
            let name = form.split('/').nth(1).unwrap_or_default();
            !steps
                .iter()
                .any(|step| step.split('/').any(|part| part == name))
        })
        .collect();
    // No document prints an example of these.
    let unprinted = [
        "/rq/<Quality>",
        "/lq/<Quality>",
        "/level/<Level>",
        "/minisize/<Value>",
        "/blogo/<Kind>",
        "/batch/<Tiled>",
        "/spacing/<Spacing>",
        "/degree/<Degree>",
        "/font/<Font>",
        "/shadow/<Shadow>",
    ];
    let odd: Vec<_> = missing
        .iter()
        .filter(|form| !unprinted.contains(form))
        .collect();
    assert!(odd.is_empty(), "{odd:?}");
}

/// A value of a slot, as it is sent.
fn value(piece: &'static Piece) -> BoxedStrategy<String> {
    let slot = match piece {
        Piece::Literal(text) => return Just((*text).to_owned()).boxed(),
        Piece::Slot(slot) => slot,
    };
    let [low, high] = [slot.min.unwrap_or(-9), slot.max.unwrap_or(99_999)];
    match slot.kind {
        Kind::Integer => (low..=high).prop_map(|it| it.to_string()).boxed(),
        Kind::Decimal => (low.max(0)..high, 0..10)
            .prop_map(|(whole, tenth)| format!("{whole}.{tenth}"))
            .boxed(),
        Kind::Switch => select(&["0", "1"][..]).prop_map(str::to_owned).boxed(),
        Kind::Word(words) => select(words).prop_map(str::to_owned).boxed(),
        Kind::Base64 => select(&["IzNEM0QzRA", "I0ZGRkZGRg==", "77-9Pz4"][..])
            .prop_map(str::to_owned)
            .boxed(),
        _ => "[a-z0-9.]{1,8}".boxed(),
    }
}

fn joined(pieces: &'static [Piece], separator: &'static str) -> BoxedStrategy<String> {
    let values: Vec<_> = pieces.iter().map(value).collect();
    values.prop_map(move |it| it.join(separator)).boxed()
}

/// An operation with all that it requires and whatever else it takes, in any order.
fn step(operation: &'static Operation) -> BoxedStrategy<String> {
    let parameters: Vec<_> = operation
        .parameters
        .iter()
        .map(|parameter| {
            let forms: Vec<_> = parameter
                .forms
                .iter()
                .map(|form| joined(form.pieces, ""))
                .collect();
            let value = (any::<Index>(), forms).prop_map(move |(index, forms)| {
                match index.get(&forms).as_str() {
                    "" => parameter.name.to_owned(),
                    value => format!("{}/{value}", parameter.name),
                }
            });
            if parameter.required {
                value.prop_map(Some).boxed()
            } else {
                proptest::option::weighted(0.3, value).boxed()
            }
        })
        .collect();
    (joined(operation.head, "/"), parameters)
        .prop_map(|(head, parameters)| (head, parameters.into_iter().flatten().collect::<Vec<_>>()))
        .prop_flat_map(|(head, parameters)| (Just(head), Just(parameters).prop_shuffle()))
        .prop_map(|(head, parameters)| [vec![head], parameters].concat().join("/"))
        .boxed()
}

fn pipeline() -> impl Strategy<Value = String> {
    let steps: Vec<_> = GRAMMAR.iter().map(|it| step(it)).collect();
    let step = (any::<Index>(), steps).prop_map(|(index, steps)| index.get(&steps).clone());
    proptest::collection::vec(step, 1..4).prop_map(|steps| steps.join("|"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_the_grammar_allows_is_read_and_written_to_the_letter(rule in pipeline()) {
        let read: Pipeline = rule.parse().unwrap();
        prop_assert_eq!(read.unknown().count(), 0);
        prop_assert_eq!(read.rule().unwrap(), rule);
        let query = read.query().unwrap();
        prop_assert_eq!(Pipeline::from_query(&query).unwrap(), Some(read));
    }

    #[test]
    fn nothing_is_lost_of_what_is_read(
        rule in "(imageMogr2|imageView2|watermark|style|new)(/[a-z0-9!x<>@=-]{0,6}|/thumbnail|/quality|\\|imageMogr2){0,6}"
    ) {
        if let Ok(read) = rule.parse::<Pipeline>() {
            prop_assert_eq!(read.to_string(), rule);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        if let Err(error) = text.parse::<Pipeline>() {
            prop_assert!(error.offset().is_none_or(|at| at <= text.len()));
        }
        let _ = Pipeline::from_query(&text);
        let _ = PicOperations::from_header(&text);
    }
}
