"""Animations: every frame, and how long it is shown."""

from PIL import Image, ImageDraw, ImageSequence

from shop import CLOSE, COLOURS, Shop, equal, near

TIMES = [80, 200, 120, 400]
PALETTE = ["#203868", "#c03020", "#40b060", "#f0d8a0"]


def frames() -> list[Image.Image]:
    """A square that moves over a ground that stays."""
    made = []
    for index, colour in enumerate(PALETTE):
        frame = Image.new("RGB", (64, 48), "#e0e0e0")
        draw = ImageDraw.Draw(frame)
        draw.rectangle((0, 36, 63, 47), fill="#606060")
        draw.rectangle((4 + 12 * index, 8, 24 + 12 * index, 28), fill=colour)
        made.append(frame)
    return made


def shown(picture: Image.Image) -> tuple[list[Image.Image], list[int]]:
    found, times = [], []
    for frame in ImageSequence.Iterator(picture):
        found.append(frame.convert("RGB"))
        times.append(frame.info.get("duration"))
    return found, times


def whole(shop: Shop, key: str, rule: str, change, least: float, format: str) -> None:
    picture = shop.get(key, rule)
    equal(picture.format, format, "format")
    found, times = shown(picture)
    equal(times, TIMES, "times")
    equal(picture.info.get("loop"), 0, "repetitions")
    for one, other in zip(found, frames()):
        near(one, change(other), least)


def first(shop: Shop) -> None:
    for word in ("jpg", "png", "avif"):
        made = shop.get("moving.gif", f"imageMogr2/format/{word}/quality/95!")
        equal(getattr(made, "n_frames", 1), 1, word)
        near(made, frames()[0], COLOURS)


def fewer(shop: Shop) -> None:
    found, times = shown(shop.get("moving.gif", "imageMogr2/format/gif/cgif/2"))
    equal(len(found), 2, "frames")
    equal(sum(times), sum(TIMES), "the time of all")


def repeated(shop: Shop) -> None:
    first, *others = frames()
    key = shop.put("thrice.gif", first, "GIF", save_all=True, append_images=others, duration=100, loop=3)
    equal(shop.get(key, "imageMogr2/thumbnail/32x").info.get("loop"), 3, "repetitions")


def clear(shop: Shop) -> None:
    """Frames that are clear where nothing is, and are taken away before the next one."""
    made = []
    for index, colour in enumerate(PALETTE):
        frame = Image.new("RGBA", (64, 48))
        ImageDraw.Draw(frame).rectangle((4 + 12 * index, 8, 24 + 12 * index, 28), fill=colour)
        made.append(frame)
    key = shop.put(
        "clear.gif", made[0], "GIF", save_all=True, append_images=made[1:], duration=TIMES, loop=0, disposal=2
    )
    for rule in ("imageMogr2/flip/vertical", "imageMogr2/flip/vertical/format/webp/quality/95!"):
        picture = shop.get(key, rule)
        for index, wanted in enumerate(made):
            picture.seek(index)
            wanted = wanted.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            near(picture.convert("RGBA"), wanted, COLOURS)


def run(shop: Shop, report) -> None:
    begun, *others = frames()
    moving = {"save_all": True, "append_images": others, "duration": TIMES, "loop": 0}
    shop.put("moving.gif", begun, "GIF", **moving)
    shop.put("moving.webp", begun, "WEBP", lossless=True, **moving)
    flipped = lambda frame: frame.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    smaller = lambda frame: frame.resize((32, 24), Image.Resampling.LANCZOS)
    for name, key, rule, change, least, format in (
        ("GIF, mirrored", "moving.gif", "flip/horizontal", flipped, CLOSE, "GIF"),
        ("GIF, smaller", "moving.gif", "thumbnail/32x", smaller, COLOURS, "GIF"),
        ("GIF to WebP", "moving.gif", "format/webp/quality/95!", lambda it: it, COLOURS, "WEBP"),
        ("WebP, mirrored", "moving.webp", "flip/horizontal/quality/95!", flipped, COLOURS, "WEBP"),
        ("WebP to GIF", "moving.webp", "format/gif", lambda it: it, COLOURS, "GIF"),
    ):
        report.case(f"{name}, whole", whole, shop, key, f"imageMogr2/{rule}", change, least, format)
    for case in (first, fewer, repeated, clear):
        report.case(case.__name__, case, shop)
