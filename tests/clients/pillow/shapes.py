"""Scaling, cutting, turning, and what is done to each pixel."""

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from shop import CLOSE, COLOURS, FINE, SAME, Shop, clear, equal, near, scene, text

LANCZOS = Image.Resampling.LANCZOS
# Of ITU-R BT.709, as ImageMagick has it.
GRAY = (0.2126, 0.7152, 0.0722, 0)
GRAVITIES = {
    "northwest": (0, 0),
    "north": (0.5, 0),
    "northeast": (1, 0),
    "west": (0, 0.5),
    "center": (0.5, 0.5),
    "east": (1, 0.5),
    "southwest": (0, 1),
    "south": (0.5, 1),
    "southeast": (1, 1),
}
# Of a picture of 96 x 64: the form, and the size that the document's words give it.
THUMBNAILS = {
    "!50p": (48, 32),
    "!150p": (144, 96),
    "!50px": (48, 64),
    "!x50p": (96, 32),
    "48x": (48, 32),
    "x48": (72, 48),
    "40x40": (40, 27),
    "40x40>": (40, 27),
    "200x200>": (96, 64),
    "192x192<": (192, 128),
    "40x40<": (96, 64),
    "!40x40r": (60, 40),
    "40x40!": (40, 40),
}


def thumbnail(shop: Shop, form: str, size: tuple[int, int]) -> None:
    near(shop.get("scene.png", f"imageMogr2/thumbnail/{form}"), scene().resize(size, LANCZOS), CLOSE)


def area(shop: Shop) -> None:
    made = shop.get("scene.png", "imageMogr2/thumbnail/1536@")
    assert 1400 <= made.width * made.height <= 1536, made.size
    near(made, scene().resize(made.size, LANCZOS), CLOSE)


def pad(shop: Shop) -> None:
    made = shop.get("scene.png", f"imageMogr2/thumbnail/60x60/pad/1/color/{text('#3070C0')}")
    near(made, ImageOps.pad(scene(), (60, 60), LANCZOS, (0x30, 0x70, 0xC0)), CLOSE)


def cut(shop: Shop) -> None:
    made = shop.get("scene.png", "imageMogr2/cut/30x20x11x7")
    near(made, scene().crop((11, 7, 41, 27)), SAME)
    made = shop.get("scene.png", "imageMogr2/cut/300x20x80x50")
    near(made, scene().crop((80, 50, 96, 64)), SAME)


def crop(shop: Shop, gravity: str, centering: tuple[float, float]) -> None:
    made = shop.get("scene.png", f"imageMogr2/crop/40x40/gravity/{gravity}")
    near(made, ImageOps.fit(scene(), (40, 40), LANCZOS, 0, centering), CLOSE)


def views(shop: Shop) -> None:
    for rule, size in (("2/w/40/h/40", (40, 27)), ("3/w/40/h/40", (60, 40)), ("2/h/48", (72, 48))):
        near(shop.get("scene.png", f"imageView2/{rule}"), scene().resize(size, LANCZOS), CLOSE)
    for rule, size in (("1/w/40/h/40", (40, 40)), ("1/w/40", (40, 40)), ("5/w/40/h/20", (40, 20))):
        near(shop.get("scene.png", f"imageView2/{rule}"), ImageOps.fit(scene(), size, LANCZOS), CLOSE)


def smooth(shape, size: tuple[int, int]) -> Image.Image:
    """A mask that `shape` draws sixteen times as large."""
    mask = Image.new("L", (size[0] * 16, size[1] * 16))
    shape(ImageDraw.Draw(mask))
    return mask.resize(size, Image.Resampling.BOX)


def circle(shop: Shop) -> None:
    made = shop.get("scene.png", "imageMogr2/iradius/25")
    wanted = scene().crop((23, 7, 73, 57)).convert("RGBA")
    wanted.putalpha(smooth(lambda draw: draw.ellipse((0, 0, 799, 799), fill=255), (50, 50)))
    near(made, wanted, CLOSE)


def corners(shop: Shop) -> None:
    made = shop.get("scene.png", "imageMogr2/rradius/20")
    wanted = scene().convert("RGBA")
    rounded = lambda draw: draw.rounded_rectangle((0, 0, 1535, 1023), 320, fill=255)
    wanted.putalpha(smooth(rounded, (96, 64)))
    near(made, wanted, CLOSE)


def turns(shop: Shop) -> None:
    turned = Image.Transpose
    for rule, way in (
        ("rotate/90", turned.ROTATE_270),
        ("rotate/180", turned.ROTATE_180),
        ("rotate/270", turned.ROTATE_90),
        ("flip/vertical", turned.FLIP_TOP_BOTTOM),
        ("flip/horizontal", turned.FLIP_LEFT_RIGHT),
    ):
        near(shop.get("scene.png", f"imageMogr2/{rule}"), scene().transpose(way), SAME)
    near(shop.get("scene.png", "imageMogr2/rotate/0"), scene(), SAME)
    near(shop.get("scene.png", "imageMogr2/rotate/360"), scene(), SAME)


def turned_askew(shop: Shop) -> None:
    made = shop.get("scene.png", "imageMogr2/rotate/30")
    wanted = scene().convert("RGBA").rotate(-30, Image.Resampling.BICUBIC, expand=True)
    assert all(abs(a - b) <= 2 for a, b in zip(made.size, wanted.size)), (made.size, wanted.size)
    middle = lambda picture: picture.crop(
        (
            picture.width // 2 - 20,
            picture.height // 2 - 20,
            picture.width // 2 + 20,
            picture.height // 2 + 20,
        )
    )
    near(middle(made), middle(wanted), COLOURS)
    equal(made.convert("RGBA").getpixel((0, 0))[3], 0, "what is beside it")


def upright(shop: Shop) -> None:
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        key = shop.put(f"turned-{orientation}.jpg", scene(), "JPEG", quality=98, exif=exif)
        made = shop.get(key, "imageMogr2/auto-orient/quality/98!")
        equal(made.getexif().get(0x0112, 1), 1, "the orientation that is left")
        near(made, ImageOps.exif_transpose(shop.get(key)), CLOSE)


def blur(shop: Shop) -> None:
    # Pillow's is three boxes, which come near to it.
    made = shop.get("scene.png", "imageMogr2/blur/8x3")
    inner = (12, 12, 84, 52)
    near(made.crop(inner), scene().filter(ImageFilter.GaussianBlur(3)).crop(inner), CLOSE)


def gray(shop: Shop) -> None:
    made = shop.get("scene.png", "imageMogr2/grayscale/1")
    near(made, scene().convert("L", GRAY), FINE)
    near(shop.get("scene.png", "imageMogr2/grayscale/0"), scene(), SAME)


def mean(picture: Image.Image) -> float:
    values = picture.convert("L").histogram()
    return sum(value * count for value, count in enumerate(values)) / sum(values)


def spread(picture: Image.Image) -> float:
    middle = mean(picture)
    values = picture.convert("L").histogram()
    return sum(count * (value - middle) ** 2 for value, count in enumerate(values)) / sum(values)


def tones(shop: Shop) -> None:
    """Pillow's factors mean something else: by the words, brighter, darker, more and less contrast."""
    made = lambda rule: shop.get("scene.png", f"imageMogr2/{rule}")
    shades = [mean(made(f"bright/{value}")) for value in (-70, -30, 0, 30, 70)]
    equal(shades, sorted(shades), "brightness")
    assert shades[0] + 40 < shades[2] < shades[4] - 40, shades
    spreads = [spread(made(f"contrast/{value}")) for value in (-70, -30, 0, 30, 70)]
    equal(spreads, sorted(spreads), "contrast")
    assert spreads[0] * 2 < spreads[2] < spreads[4] / 1.3, spreads
    near(made("bright/0/contrast/0"), scene(), SAME)


def sharpen(shop: Shop) -> None:
    near(
        shop.get("scene.png", "imageMogr2/sharpen/70"),
        # The amount in percent of a radius of 1.
        scene().filter(ImageFilter.UnsharpMask(1, 70, 0)),
        30.0,
    )


def order(shop: Shop) -> None:
    """The parameters are carried out as they are written."""
    first = shop.get("scene.png", "imageMogr2/cut/40x40x10x10/thumbnail/20x20")
    near(first, scene().crop((10, 10, 50, 50)).resize((20, 20), LANCZOS), CLOSE)
    then = shop.get("scene.png", "imageMogr2/thumbnail/48x/cut/20x20x10x10")
    near(then, scene().resize((48, 32), LANCZOS).crop((10, 10, 30, 30)), CLOSE)


def alpha(shop: Shop) -> None:
    """Colours of what cannot be seen do not bleed into what can."""
    picture = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    picture.paste((0, 0, 255, 255), (20, 20, 44, 44))
    shop.put("edge.png", picture, "PNG")
    made = shop.get("edge.png", "imageMogr2/thumbnail/32x32")
    reds = [made.getpixel((x, y))[0] for x in range(32) for y in range(32) if made.getpixel((x, y))[3] > 8]
    assert max(reds) < 24, max(reds)
    scaled = clear().convert("RGBa").resize((48, 32), LANCZOS).convert("RGBA")
    near(shop.get("clear.png", "imageMogr2/thumbnail/48x"), scaled, 30.0)


def run(shop: Shop, report) -> None:
    shop.put("scene.png", scene(), "PNG")
    shop.put("clear.png", clear(), "PNG")
    for form, size in THUMBNAILS.items():
        report.case(f"thumbnail {form}", thumbnail, shop, form, size)
    for gravity, centering in GRAVITIES.items():
        report.case(f"crop by {gravity}", crop, shop, gravity, centering)
    for case in (
        area, pad, cut, views, circle, corners, turns, turned_askew, upright, blur, gray, tones,
        sharpen, order, alpha,
    ):
        report.case(case.__name__, case, shop)
