"""Formats, their qualities, and what is known of a picture."""

import hashlib
import io
import json
import shutil
from urllib.error import HTTPError

from PIL import Image, ImageStat

from shop import CLOSE, COLOURS, FINE, SAME, Shop, clear, distance, equal, near, on_white, scene

LOSSLESS = {"png": "PNG", "bmp": "BMP"}
LOSSY = {"jpg": "JPEG", "webp": "WEBP", "avif": "AVIF"}


def tables(quality: int) -> dict:
    """The tables of quantization that stand for a quality."""
    file = io.BytesIO()
    scene().save(file, "JPEG", quality=quality)
    return Image.open(file).quantization


def written(shop: Shop) -> None:
    for word, name in (LOSSLESS | LOSSY).items():
        made = shop.get("scene.png", f"imageMogr2/format/{word}/quality/95!")
        equal(made.format, name, word)
        near(made, scene(), SAME if word in LOSSLESS else 30.0)


def read(shop: Shop) -> None:
    for format, settings in (
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("WEBP", {"lossless": True}),
        ("PNG", {}),
    ):
        key = shop.put(f"read.{format.lower()}", scene(), format, **settings)
        near(shop.get(key, "imageMogr2/format/png"), scene(), SAME)
    for format, settings in (
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "subsampling": 0}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("WEBP", {"quality": 90}),
    ):
        key = shop.put(f"lossy.{format.lower()}", scene(), format, **settings)
        near(shop.get(key, "imageMogr2/format/png"), shop.get(key), CLOSE)


def read_by_program(shop: Shop) -> None:
    key = shop.put("lossy.avif", scene(), "AVIF", quality=90)
    near(shop.get(key, "imageMogr2/format/png"), shop.get(key), CLOSE)


def refused_without_program(shop: Shop) -> None:
    key = shop.put("lossy.avif", scene(), "AVIF", quality=90)
    try:
        shop.file(key, "imageMogr2/format/png")
    except HTTPError as error:
        equal(error.code, 501, "status")
        assert b"avifdec" in error.read()
    else:
        raise AssertionError("it was read")


def kinds_of_pixels(shop: Shop) -> None:
    for mode in ("L", "LA", "P", "1"):
        picture = (clear() if mode == "LA" else scene()).convert(mode)
        key = shop.put(f"mode-{mode}.png", picture, "PNG")
        near(shop.get(key, "imageMogr2/flip/vertical/format/png"),
             picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM), FINE)
    inks = shop.put("inks.jpg", scene().convert("CMYK"), "JPEG", quality=98)
    near(shop.get(inks, "imageMogr2/format/png"), scene(), 30.0)
    deep = Image.new("I;16", (64, 4))
    for x in range(64):
        for y in range(4):
            deep.putpixel((x, y), x * 1000 + y)
    key = shop.put("deep.png", deep, "PNG")
    # Pillow reads such a file in colour with 8 bits: the header says how many there are.
    made = shop.file(key, "imageMogr2/cut/32x4x16x0")
    equal(made[24], 16, "bits")
    near(shop.get(key, "imageMogr2/cut/32x4x16x0"),
         deep.point(lambda v: v / 256).convert("L").crop((16, 0, 48, 4)), FINE)


def qualities(shop: Shop) -> None:
    shop.put("q75.jpg", scene(), "JPEG", quality=75)
    for rule, quality in (
        ("quality/60!", 60),
        ("quality/90!", 90),
        ("quality/60", 60),
        # Never better than the picture.
        ("quality/90", 75),
        ("rquality/80", 60),
        ("lquality/90", 90),
        ("lquality/60", 75),
        ("format/jpg", 75),
    ):
        made = shop.get("q75.jpg", f"imageMogr2/{rule}")
        equal(made.quantization, tables(quality), f"the tables of {rule}")
    for rule, quality in (("q/60", 60), ("q/90", 75), ("q/90!", 90), ("rq/80", 60), ("lq/90", 90)):
        made = shop.get("q75.jpg", f"imageView2/2/w/96/{rule}")
        equal(made.quantization, tables(quality), f"the tables of {rule}")
    for word in ("webp", "avif", "jpg"):
        sizes = [len(shop.file("scene.png", f"imageMogr2/format/{word}/quality/{quality}!"))
                 for quality in (10, 50, 90)]
        equal(sizes, sorted(set(sizes)), f"the bytes of {word}")


def sizes(shop: Shop) -> None:
    shop.put("large.jpg", scene(480, 320), "JPEG", quality=98)
    assert len(shop.file("large.jpg")) > 12 * 1024
    made = shop.file("large.jpg", "imageMogr2/strip/format/jpg/size-limit/6k!")
    assert len(made) <= 6 * 1024, len(made)
    near(Image.open(io.BytesIO(made)), scene(480, 320), COLOURS)


def progressive(shop: Shop) -> None:
    for value in (0, 1):
        made = shop.get("q75.jpg", f"imageMogr2/interlace/{value}")
        equal(bool(made.info.get("progressive")), bool(value), f"interlace/{value}")


def background(shop: Shop) -> None:
    """What is clear is laid on white where a format has no transparency."""
    for word in ("jpg", "bmp"):
        made = shop.get("clear.png", f"imageMogr2/format/{word}/quality/98!")
        equal(made.mode, "RGB", word)
        near(made, on_white(clear()), CLOSE if word == "jpg" else SAME)
    near(shop.get("clear.png", "imageMogr2/format/webp/quality/98!"), clear(), 30.0)


def metadata(shop: Shop) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Acme"
    shop.put("noted.jpg", scene(), "JPEG", quality=90, exif=exif, comment=b"by hand")
    equal(json.loads(shop.file("noted.jpg", "exif"))["Make"]["val"], "Acme", "exif")
    for rule in ("imageMogr2/strip", "imageMogr2/thumbnail/48x"):
        made = shop.get("noted.jpg", rule)
        assert not made.getexif() and "comment" not in made.info, rule


def told(shop: Shop) -> None:
    file = shop.file("q75.jpg")
    info = json.loads(shop.file("q75.jpg", "imageInfo"))
    mean = [round(value) for value in ImageStat.Stat(Image.open(io.BytesIO(file))).mean]
    equal(info["format"], "jpeg", "format")
    equal((info["width"], info["height"]), ("96", "64"), "sides")
    equal(int(info["size"]), len(file), "bytes")
    equal(info["md5"], hashlib.md5(file).hexdigest(), "digest")
    average = json.loads(shop.file("q75.jpg", "imageAve"))["RGB"]
    equal(average, info["photo_rgb"], "the two colours")
    found = [int(average[at:at + 2], 16) for at in (2, 4, 6)]
    assert all(abs(a - b) <= 3 for a, b in zip(found, mean)), f"{found}, expected {mean}"


def slim(shop: Shop) -> None:
    made = shop.file("large.jpg", "imageSlim")
    assert len(made) < len(shop.file("large.jpg"))
    assert distance(Image.open(io.BytesIO(made)), shop.get("large.jpg")) >= CLOSE


def run(shop: Shop, report) -> None:
    for case in (
        written, read, kinds_of_pixels, qualities, sizes, progressive, background, metadata, told, slim
    ):
        report.case(case.__name__, case, shop)
    if shutil.which("avifdec"):
        report.case("AVIF, read", read_by_program, shop)
    else:
        report.refusal("AVIF, read", refused_without_program, shop)
