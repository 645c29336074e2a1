//! Every payload in every carrier and layout, with exact positions.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are not recognised as tests"
)]

mod pictures;

use pictures::{bmp_with, jpeg_with, png_chunk, segment};
use tcloud_inspect::{
    Finding, PayloadType as P, PictureType, Profile, demo, inspect, inspect_with,
};

fn carriers() -> Vec<(PictureType, Vec<u8>)> {
    vec![
        (PictureType::Jpeg, pictures::jpeg()),
        (PictureType::Png, demo::clean_png()),
        (PictureType::Gif, pictures::gif()),
        (PictureType::WebP, pictures::webp()),
        (PictureType::Bmp, pictures::bmp()),
        (PictureType::Avif, pictures::avif()),
        (PictureType::Tiff, pictures::tiff()),
        (PictureType::Ico, pictures::ico()),
        (PictureType::Psd, pictures::psd()),
        (PictureType::Svg, pictures::svg()),
    ]
}

fn payloads() -> Vec<(P, Vec<u8>)> {
    vec![
        (P::MpegTs, demo::mpeg_ts()),
        (P::Zip, pictures::zip()),
        (P::Gzip, pictures::gzip()),
        (P::Rar, pictures::rar4()),
        (P::Rar, pictures::rar5()),
        (P::SevenZip, pictures::seven_zip()),
        (P::Tar, pictures::tar()),
        (P::Pdf, pictures::pdf()),
        (P::Elf, pictures::elf()),
        (P::Pe, pictures::pe()),
        (P::Mp4, pictures::mp4()),
        (P::Flv, pictures::flv()),
        (P::Html, pictures::html()),
        (P::Script, pictures::php()),
    ]
}

fn range(finding: &Finding) -> (u64, u64) {
    (finding.begin, finding.end)
}

#[track_caller]
fn assert_only(bytes: &[u8], payload: P, begin: usize, length: usize) {
    let report = inspect(bytes);
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|f| (f.payload, f.begin, f.end))
        .collect();
    assert_eq!(
        found,
        [(payload, begin as u64, (begin + length - 1) as u64)]
    );
}

#[test]
fn carriers_are_clean_and_recognised() {
    for (kind, carrier) in carriers() {
        let report = inspect(&carrier);
        assert_eq!(report.picture, Some(kind));
        assert_eq!(report.findings, [], "{kind}");
    }
}

#[test]
fn payloads_behind_pictures_have_exact_positions() {
    for (_, carrier) in carriers() {
        for (payload, content) in payloads() {
            assert_only(
                &[&carrier[..], &content].concat(),
                payload,
                carrier.len(),
                content.len(),
            );
            // Padding around a payload is no part of it.
            let spaced = [&carrier[..], &[0; 7], &content, &[0; 9]].concat();
            assert_only(&spaced, payload, carrier.len() + 7, content.len());
        }
    }
}

#[test]
fn bare_payloads_are_no_picture() {
    for (payload, content) in payloads() {
        assert_only(&content, payload, 0, content.len());
        assert_eq!(inspect(&content).picture, None);
    }
}

#[test]
fn payloads_before_pictures_leave_the_picture_recognised() {
    for (payload, content) in payloads() {
        for (kind, carrier) in carriers().into_iter().take(4) {
            let file = [&content[..], &carrier].concat();
            assert_only(&file, payload, 0, content.len());
            assert_eq!(
                inspect(&file).picture,
                Some(kind),
                "{payload} before {kind}"
            );
        }
    }
}

#[test]
fn payloads_inside_pictures_have_exact_positions() {
    let png = demo::clean_png();
    for (payload, content) in payloads() {
        for kind in [*b"prIv", *b"zzZz"] {
            // Between the header chunk, which ends at 33, and the pixel data.
            let chunk = png_chunk(kind, &content);
            let file = [&png[..33], &chunk, &png[33..]].concat();
            assert_only(&file, payload, 41, content.len());
        }
        let bare = [&png[..33], &content, &png[33..]].concat();
        assert_eq!(inspect(&bare).findings[0].payload, payload);
        assert_eq!(inspect(&bare).findings[0].begin, 33);
        assert_only(&bmp_with(&content, &[]), payload, 54, content.len());
        if payload != P::Html {
            assert_only(
                &jpeg_with(&segment(0xFE, &content)),
                payload,
                24,
                content.len(),
            );
            assert_only(
                &jpeg_with(&segment(0xE5, &content)),
                payload,
                24,
                content.len(),
            );
        }
    }
}

#[test]
fn a_stream_in_pixels_is_found_by_its_table() {
    let stream = demo::mpeg_ts();
    let mut bmp = bmp_with(&[], &[]);
    bmp.truncate(54);
    bmp[18..22].copy_from_slice(&100u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&40u32.to_le_bytes());
    bmp.extend(&stream);
    bmp.resize(54 + 300 * 40, 0);
    assert_only(&bmp, P::MpegTs, 54, stream.len());
}

#[test]
fn a_stream_ends_with_its_last_whole_packet() {
    let stream = demo::mpeg_ts();
    let carrier = demo::clean_png();
    let cut = [&carrier[..], &stream[..188 * 20 + 100]].concat();
    assert_only(&cut, P::MpegTs, carrier.len(), 188 * 20);
    let short = [&carrier[..], &stream[..188 * 2]].concat();
    assert_only(&short, P::MpegTs, carrier.len(), 188 * 2);
    let one = [&carrier[..], &stream[..188]].concat();
    assert!(!inspect(&one).is_suspicious());
    let mut spoilt = [&carrier[..], &stream].concat();
    spoilt[carrier.len() + 188 * 20] = 0;
    assert_only(&spoilt, P::MpegTs, carrier.len(), stream.len());
}

#[test]
fn packets_of_other_lengths_are_found() {
    let carrier = demo::clean_png();
    let stream = demo::mpeg_ts();
    let stamped: Vec<u8> = stream
        .chunks(188)
        .flat_map(|packet| [&[9, 8, 7, 6], packet].concat())
        .collect();
    let parity: Vec<u8> = stream
        .chunks(188)
        .flat_map(|packet| [packet, &[0xAB; 16]].concat())
        .collect();
    for content in [stamped, parity] {
        let file = [&carrier[..], &content].concat();
        assert_only(&file, P::MpegTs, carrier.len(), content.len());
    }
}

#[test]
fn positions_are_those_of_the_documented_example() {
    // A picture of 120 bytes, then 5,837 packets: 1,097,476 bytes in all.
    let mut picture = bmp_with(&[], &[]);
    picture[22..26].copy_from_slice(&5u32.to_le_bytes());
    picture.resize(54 + 60, 0x55);
    picture.resize(120, 0);
    let mut stream = demo::mpeg_ts();
    while stream.len() < 1_097_356 {
        stream.extend(demo::mpeg_ts());
    }
    stream.truncate(1_097_356);
    let report = inspect(&[picture, stream].concat());
    let finding = report.primary().unwrap();
    assert_eq!((report.size, range(finding)), (1_097_476, (120, 1_097_475)));
    assert_eq!(finding.size(), 1_097_356);
}

#[test]
fn high_entropy_data_of_no_known_kind_is_reported() {
    let carrier = demo::clean_png();
    let mut state = 1u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        ((state >> 56) as u8).max(1)
    })
    .take(6000)
    .collect();
    assert_only(
        &[&carrier[..], &noise].concat(),
        P::Unknown,
        carrier.len(),
        noise.len(),
    );
}

#[test]
fn a_further_picture_is_reported_unless_the_format_has_them() {
    let png = demo::clean_png();
    let gif = pictures::gif();
    let file = [&png[..], &gif].concat();
    assert_only(&file, P::Picture(PictureType::Gif), png.len(), gif.len());
    assert!(!inspect(&[pictures::jpeg(), pictures::jpeg()].concat()).is_suspicious());
}

#[test]
fn several_payloads_are_told_apart_and_the_stream_comes_first() {
    let (png, zip, stream) = (demo::clean_png(), pictures::zip(), demo::mpeg_ts());
    let report = inspect(&[&png[..], &zip, &stream, &pictures::pdf()].concat());
    let kinds: Vec<_> = report
        .findings
        .iter()
        .map(|finding| finding.payload)
        .collect();
    assert_eq!(kinds, [P::Zip, P::MpegTs, P::Pdf]);
    let start = (png.len() + zip.len()) as u64;
    assert_eq!(report.primary().unwrap().begin, start);
}

#[test]
fn a_script_in_an_svg_is_reported() {
    let svg = b"<svg><script>alert(1)</script></svg>";
    let report = inspect(svg);
    assert_eq!(report.picture, Some(PictureType::Svg));
    assert_eq!(report.findings[0].payload, P::Script);
    assert_eq!(report.findings[0].begin, 5);
}

#[test]
fn the_documented_profile_reports_streams_in_png_and_bmp_or_alone() {
    let stream = demo::mpeg_ts();
    for (kind, carrier) in carriers() {
        let expected = matches!(kind, PictureType::Png | PictureType::Bmp);
        let file = [&carrier[..], &stream].concat();
        assert_eq!(
            inspect_with(&file, Profile::Documented).is_suspicious(),
            expected,
            "{kind}"
        );
        let other = [&carrier[..], &pictures::zip()].concat();
        assert!(
            !inspect_with(&other, Profile::Documented).is_suspicious(),
            "{kind}"
        );
    }
    assert!(inspect_with(&stream, Profile::Documented).is_suspicious());
    assert!(!inspect_with(&pictures::zip(), Profile::Documented).is_suspicious());
}
