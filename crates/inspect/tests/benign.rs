//! Extras that honest cameras and programs leave behind a picture, and impostors of them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are not recognised as tests"
)]

mod pictures;

use pictures::{jpeg, jpeg_with, motion_photo, mp4, samsung, segment, zip};
use tcloud_inspect::{BenignKind, PayloadType, RegionKind, demo, inspect};

#[track_caller]
fn assert_benign(bytes: &[u8], kind: BenignKind) {
    let report = inspect(bytes);
    assert_eq!(report.findings, []);
    assert_eq!(
        report.regions.last().unwrap().kind,
        RegionKind::Benign(kind)
    );
    let gap = report
        .regions
        .iter()
        .find(|region| region.kind == RegionKind::Gap);
    assert_eq!(gap, None);
}

#[test]
fn padding_is_benign() {
    assert_benign(
        &[demo::clean_png(), b"\n".to_vec()].concat(),
        BenignKind::Padding,
    );
    for padding in [0, 0xFF, b' '] {
        assert_benign(&[jpeg(), vec![padding; 5000]].concat(), BenignKind::Padding);
        assert_benign(&pictures::bmp_with(&[], &[padding; 2]), BenignKind::Padding);
        assert_benign(
            &[pictures::gif(), vec![padding; 3]].concat(),
            BenignKind::Padding,
        );
    }
}

#[test]
fn further_camera_pictures_are_benign() {
    let index = segment(0xE2, b"MPF\0MM\0*\0\0\0\x08\0\0\0\0");
    let first = jpeg_with(&index);
    assert_benign(&[&first[..], &jpeg()].concat(), BenignKind::MultiPicture);
    assert_benign(
        &[&first[..], &[0; 300], &jpeg(), &jpeg()].concat(),
        BenignKind::MultiPicture,
    );
    let gain_map = jpeg_with(&segment(0xE2, b"urn:iso:std:iso:ts:21496:-1\0\0\0"));
    assert_benign(&[&first[..], &gain_map].concat(), BenignKind::MultiPicture);
}

#[test]
fn thumbnails_do_not_end_a_picture() {
    let exif = [b"Exif\0\0", &jpeg()[..]].concat();
    let file = jpeg_with(&segment(0xE1, &exif));
    let report = inspect(&file);
    assert!(!report.is_suspicious());
    assert_eq!(report.regions.last().unwrap().kind, RegionKind::Picture);
}

#[test]
fn announced_films_are_benign_and_others_are_not() {
    assert_benign(&motion_photo(&mp4()), BenignKind::MotionPhoto);
    let unannounced = inspect(&[jpeg(), mp4()].concat());
    assert_eq!(unannounced.findings[0].payload, PayloadType::Mp4);
    // The announcement counts from the end, so bytes behind the film give it the lie.
    let displaced = inspect(&[motion_photo(&mp4()), zip()].concat());
    assert!(displaced.is_suspicious());
}

#[test]
fn payloads_in_and_behind_extras_are_found() {
    let archive = zip();
    let film = [mp4(), pictures::media_box(*b"free", &archive)].concat();
    let carriers = [
        motion_photo(&film),
        motion_photo(&[mp4(), archive.clone()].concat()),
        samsung(b"Image_UTC_Data", &archive),
        [samsung(b"MotionPhoto_Data", &mp4()), archive.clone()].concat(),
        [jpeg(), jpeg(), archive.clone()].concat(),
        [jpeg(), jpeg_with(&segment(0xFE, &archive))].concat(),
    ];
    for file in carriers {
        let begin = file
            .windows(archive.len())
            .position(|part| part == archive)
            .unwrap() as u64;
        let report = inspect(&file);
        let finding = report
            .findings
            .iter()
            .find(|finding| finding.payload == PayloadType::Zip);
        let finding = finding.expect("the archive is found");
        assert_eq!(
            (finding.begin, finding.size()),
            (begin, archive.len() as u64)
        );
    }
}

#[test]
fn samsung_blocks_are_benign() {
    assert_benign(
        &samsung(b"Image_UTC_Data", b"1700000000000"),
        BenignKind::SamsungTrailer,
    );
    assert_benign(
        &samsung(b"MotionPhoto_Data", &mp4()),
        BenignKind::SamsungTrailer,
    );
}

#[test]
fn a_directory_that_points_elsewhere_makes_nothing_benign() {
    let mut file = samsung(b"Image_UTC_Data", b"1700000000000");
    let entry = file.len() - 8 - 4;
    file[entry] ^= 0x40;
    let kinds = inspect(&file).regions.into_iter().map(|region| region.kind);
    assert!(kinds.into_iter().any(|kind| kind == RegionKind::Gap));
}

#[test]
fn metadata_blocks_are_benign() {
    let mut station = vec![5; 90];
    station.extend([0, 1, 0, 0, 0, 100, 0xA1, 0xB2, 0xC3, 0xD4]);
    assert_benign(&[jpeg(), station].concat(), BenignKind::MetadataTrailer);
    let mut mechanic = vec![5; 90];
    mechanic.extend(b"\0\0\0\x5Acbipcbbl");
    assert_benign(&[jpeg(), mechanic].concat(), BenignKind::MetadataTrailer);
}
