//! Carriers, payloads and extras the tests are made of, written without the crate's own parsers.

#![allow(dead_code, reason = "each test file uses a part of these")]

use tcloud_inspect::demo;

/// A chunk of a PNG with its checksum.
pub(crate) fn png_chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind, data].concat();
    let sum = crc32fast::hash(&body);
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes()[..], &body, &sum.to_be_bytes()].concat()
}

/// A segment of a JPEG.
pub(crate) fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap();
    [&[0xFF, marker][..], &length.to_be_bytes(), content].concat()
}

/// A JPEG of the right structure with extra segments behind its start marker.
pub(crate) fn jpeg_with(segments: &[u8]) -> Vec<u8> {
    let mut jpeg = vec![0xFF, 0xD8];
    jpeg.extend(segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"));
    jpeg.extend(segments);
    jpeg.extend(segment(0xDB, &[1; 65]));
    jpeg.extend(segment(0xC0, &[8, 0, 16, 0, 24, 1, 1, 0x11, 0]));
    jpeg.extend(segment(0xC4, &[0; 29]));
    jpeg.extend(segment(0xDA, &[1, 1, 0, 0, 63, 0]));
    jpeg.extend([0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56, 0xFF, 0xD9]);
    jpeg
}

pub(crate) fn jpeg() -> Vec<u8> {
    jpeg_with(&[])
}

pub(crate) fn gif() -> Vec<u8> {
    let mut gif = b"GIF89a\x02\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF".to_vec();
    gif.extend(b"\x21\xFE\x05hello\0\x2C\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0A\0\x3B");
    gif
}

pub(crate) fn webp() -> Vec<u8> {
    let mut webp = b"RIFF\x1A\0\0\0WEBPVP8L\x0E\0\0\0".to_vec();
    webp.extend([
        0x2F, 3, 0x40, 0, 0, 0, 7, 0x10, 0x11, 0x11, 0x88, 0x88, 8, 0,
    ]);
    webp
}

/// A BMP of 3 by 2 pixels of 24 bits, with `gap` bytes before its rows and `behind` behind them.
pub(crate) fn bmp_with(gap: &[u8], behind: &[u8]) -> Vec<u8> {
    let pixels = u32::try_from(54 + gap.len()).unwrap();
    let mut bmp = b"BM\0\0\0\0\0\0\0\0".to_vec();
    bmp.extend(pixels.to_le_bytes());
    bmp.extend([40, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0]);
    bmp.extend([0; 24]);
    bmp.extend(gap);
    bmp.extend([0x55; 24]);
    bmp.extend(behind);
    bmp
}

pub(crate) fn bmp() -> Vec<u8> {
    bmp_with(&[], &[])
}

/// A media box.
pub(crate) fn media_box(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).unwrap();
    [&length.to_be_bytes()[..], &kind, content].concat()
}

pub(crate) fn avif() -> Vec<u8> {
    let mut avif = media_box(*b"ftyp", b"avif\0\0\0\0avifmif1");
    avif.extend(media_box(*b"meta", &[0; 4]));
    avif.extend(media_box(*b"mdat", &[9; 40]));
    avif
}

pub(crate) fn tiff() -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let entries: [(u16, u32); 4] = [(0x100, 4), (0x101, 2), (0x111, 62), (0x117, 8)];
    tiff.extend(4u16.to_le_bytes());
    for (tag, value) in entries {
        tiff.extend(tag.to_le_bytes());
        tiff.extend([4, 0, 1, 0, 0, 0]);
        tiff.extend(value.to_le_bytes());
    }
    tiff.extend([0; 4]);
    tiff.extend([0x33; 8]);
    tiff
}

pub(crate) fn ico() -> Vec<u8> {
    let png = demo::clean_png();
    let mut ico = b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0".to_vec();
    ico.extend(u32::try_from(png.len()).unwrap().to_le_bytes());
    ico.extend(22u32.to_le_bytes());
    ico.extend(png);
    ico
}

pub(crate) fn psd() -> Vec<u8> {
    let mut psd = b"8BPS\0\x01\0\0\0\0\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\x08\0\x01".to_vec();
    psd.extend([0; 12]);
    psd.extend([0, 0, 1, 2, 3, 4, 5, 6]);
    psd
}

pub(crate) fn svg() -> Vec<u8> {
    b"<?xml version=\"1.0\"?>\n<!-- <svg> --><svg a=\"x>y\"><g><path d=\"M0 0\"/></g></svg>"
        .to_vec()
}

/// A ZIP of one stored file.
pub(crate) fn zip() -> Vec<u8> {
    let data = b"what the archive holds";
    let sum = crc32fast::hash(data).to_le_bytes();
    let size = u32::try_from(data.len()).unwrap().to_le_bytes();
    let common = [
        &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..],
        &sum,
        &size,
        &size,
        &[5, 0, 0, 0],
    ]
    .concat();
    let local = [b"PK\x03\x04", &common[..], b"a.txt", data].concat();
    let central = [b"PK\x01\x02\x14\0", &common[..], &[0; 14], b"a.txt"].concat();
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    end.extend(u32::try_from(central.len()).unwrap().to_le_bytes());
    end.extend(u32::try_from(local.len()).unwrap().to_le_bytes());
    end.extend([4, 0]);
    end.extend(b"note");
    [local, central, end].concat()
}

pub(crate) fn gzip() -> Vec<u8> {
    let data: Vec<u8> = (0..5000u32).flat_map(|n| (n * n).to_le_bytes()).collect();
    let mut gzip = b"\x1F\x8B\x08\0\0\0\0\0\0\x03".to_vec();
    gzip.extend(miniz_oxide::deflate::compress_to_vec(&data, 6));
    gzip.extend(crc32fast::hash(&data).to_le_bytes());
    gzip.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    gzip
}

pub(crate) fn rar4() -> Vec<u8> {
    let mut rar = b"Rar!\x1A\x07\0".to_vec();
    rar.extend(b"\xCF\x90\x73\0\0\x0D\0\0\0\0\0\0\0");
    rar.extend(b"\0\0\x74\0\x80\x20\0\x04\0\0\0");
    rar.extend([7; 21]);
    rar.extend(b"data");
    rar.extend(b"\xC4\x3D\x7B\0\x40\x07\0");
    rar
}

pub(crate) fn rar5() -> Vec<u8> {
    let mut rar = b"Rar!\x1A\x07\x01\0".to_vec();
    for header in [&[3, 1, 0, 0][..], &[4, 2, 2, 3, 9], &[3, 5, 0, 0]] {
        rar.extend(crc32fast::hash(header).to_le_bytes());
        rar.extend(header);
        if header[1] == 2 {
            rar.extend(b"abc");
        }
    }
    rar
}

pub(crate) fn seven_zip() -> Vec<u8> {
    let mut start = 10u64.to_le_bytes().to_vec();
    start.extend(5u64.to_le_bytes());
    start.extend([1, 2, 3, 4]);
    let mut file = b"7z\xBC\xAF\x27\x1C\0\x04".to_vec();
    file.extend(crc32fast::hash(&start).to_le_bytes());
    file.extend(start);
    file.extend([0x66; 15]);
    file
}

pub(crate) fn pdf() -> Vec<u8> {
    b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".to_vec()
}

pub(crate) fn elf() -> Vec<u8> {
    let mut elf = b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3E\0\x01\0\0\0".to_vec();
    elf.extend([0; 8]);
    elf.extend(64u64.to_le_bytes());
    elf.extend([0; 14]);
    elf.extend([64, 0, 56, 0, 1, 0, 64, 0, 0, 0, 0]);
    elf.resize(64, 0);
    elf[54..58].copy_from_slice(&[56, 0, 1, 0]);
    elf[52..54].copy_from_slice(&[64, 0]);
    elf[58..64].copy_from_slice(&[64, 0, 0, 0, 0, 0]);
    // One segment: 200 bytes of the file from its start.
    elf.extend([1, 0, 0, 0, 5, 0, 0, 0]);
    elf.extend([0; 24]);
    elf.extend(200u64.to_le_bytes());
    elf.extend([0; 16]);
    elf.resize(200, 0x90);
    elf
}

pub(crate) fn pe() -> Vec<u8> {
    let mut pe = b"MZ".to_vec();
    pe.resize(0x3C, 0);
    pe.extend([0x40, 0, 0, 0]);
    pe.extend(b"PE\0\0\x64\x86\x01\0");
    pe.extend([0; 12]);
    pe.extend([240, 0, 0x22, 0, 0x0B, 0x02]);
    pe.resize(0x40 + 24 + 240, 0);
    pe.extend(b".text\0\0\0");
    pe.extend([0; 8]);
    pe.extend(64u32.to_le_bytes());
    pe.extend(384u32.to_le_bytes());
    pe.resize(384, 0);
    pe.resize(384 + 64, 0xC3);
    pe
}

pub(crate) fn mp4() -> Vec<u8> {
    let mut mp4 = media_box(*b"ftyp", b"isom\0\0\x02\0isommp41");
    mp4.extend(media_box(*b"moov", &media_box(*b"mvhd", &[0; 100])));
    mp4.extend(media_box(*b"mdat", &[0x21; 300]));
    mp4
}

pub(crate) fn flv() -> Vec<u8> {
    let mut flv = b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec();
    for _ in 0..3 {
        flv.extend([9, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
        flv.extend([0x17, 1, 2, 3, 4, 5]);
        flv.extend(17u32.to_be_bytes());
    }
    flv
}

pub(crate) fn tar() -> Vec<u8> {
    let mut header = b"a.txt".to_vec();
    header.resize(124, 0);
    header.extend(b"00000000003\0");
    header.resize(148, 0);
    header.extend(b"        0");
    header.resize(257, 0);
    header.extend(b"ustar\x0000");
    header.resize(512, 0);
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header.extend(b"abc");
    header.resize(1024, 0);
    header.resize(2048, 0);
    header
}

pub(crate) fn html() -> Vec<u8> {
    b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>\n".to_vec()
}

pub(crate) fn php() -> Vec<u8> {
    b"<?php system($_GET['c']); ?>".to_vec()
}

/// One of each file, for mutation.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let film = mp4();
    vec![
        demo::clean_png(),
        demo::png_with_mpeg_ts(),
        jpeg(),
        gif(),
        webp(),
        bmp(),
        avif(),
        tiff(),
        ico(),
        psd(),
        svg(),
        zip(),
        gzip(),
        rar4(),
        rar5(),
        seven_zip(),
        pdf(),
        elf(),
        pe(),
        tar(),
        film,
        flv(),
        html(),
        php(),
        motion_photo(&mp4()),
        samsung(b"block", &mp4()),
        [jpeg(), jpeg(), zip()].concat(),
        demo::mpeg_ts(),
    ]
}

/// A JPEG that announces the film behind it.
pub(crate) fn motion_photo(film: &[u8]) -> Vec<u8> {
    let packet = format!(
        "http://ns.adobe.com/xap/1.0/\0<rdf GCamera:MicroVideoOffset=\"{}\"/>",
        film.len()
    );
    [jpeg_with(&segment(0xE1, packet.as_bytes())), film.to_vec()].concat()
}

/// A JPEG with a block list behind it.
pub(crate) fn samsung(name: &[u8], data: &[u8]) -> Vec<u8> {
    let mut block = b"\0\0\x30\x0A".to_vec();
    block.extend(u32::try_from(name.len()).unwrap().to_le_bytes());
    block.extend(name);
    block.extend(data);
    let size = u32::try_from(block.len()).unwrap().to_le_bytes();
    let directory = [b"SEFH\x6B\0\0\0\x01\0\0\0\0\0\x30\x0A", &size[..], &size].concat();
    let length = u32::try_from(directory.len()).unwrap().to_le_bytes();
    [jpeg(), block, directory, length.to_vec(), b"SEFT".to_vec()].concat()
}
