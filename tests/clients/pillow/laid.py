"""What is laid on a picture."""

from PIL import Image, ImageChops

from shapes import GRAVITIES
from shop import FINE, SAME, Shop, address, near, scene, text


def stamp() -> Image.Image:
    """Half transparent at one side."""
    picture = Image.new("RGBA", (20, 14), (255, 32, 32, 255))
    picture.paste((32, 64, 255, 255), (0, 0, 9, 9))
    picture.putalpha(Image.linear_gradient("L").rotate(90).resize((20, 14)).point(lambda v: 64 + v * 3 // 4))
    return picture


def laid(places, opacity: int = 90, mark: Image.Image | None = None) -> Image.Image:
    mark = (mark or stamp()).copy()
    mark.putalpha(mark.getchannel("A").point(lambda v: round(v * opacity / 100)))
    picture = scene().convert("RGBA")
    for place in places:
        layer = Image.new("RGBA", picture.size)
        layer.paste(mark, place)
        picture = Image.alpha_composite(picture, layer)
    return picture.convert("RGB")


def made(shop: Shop, more: str = "") -> Image.Image:
    return shop.get("scene.png", f"watermark/1/image/{address('stamp.png')}{more}")


def place(gravity: str, dx: int, dy: int, size=(20, 14)) -> tuple[int, int]:
    """An offset counts from the edge at which the picture stands, and not along one that it does not
    touch."""
    x, y = GRAVITIES[gravity]
    left = {0: dx, 0.5: (96 - size[0]) // 2, 1: 96 - size[0] - dx}[x]
    top = {0: dy, 0.5: (64 - size[1]) // 2, 1: 64 - size[1] - dy}[y]
    return left, top


def at(shop: Shop, gravity: str) -> None:
    near(made(shop, f"/gravity/{gravity}/dx/5/dy/3"), laid([place(gravity, 5, 3)]), SAME)


def plain(shop: Shop) -> None:
    near(made(shop), laid([place("southeast", 0, 0)]), SAME)


def opacity(shop: Shop) -> None:
    for value in (100, 40, 0):
        near(made(shop, f"/dissolve/{value}"), laid([place("southeast", 0, 0)], value), SAME)


def sized(shop: Shop) -> None:
    """Shares of the width and of the height of the picture below, in thousandths."""
    for kind, share, size in ((1, 500, (48, 34)), (2, 500, (46, 32))):
        mark = stamp().convert("RGBa").resize(size, Image.Resampling.LANCZOS).convert("RGBA")
        wanted = laid([place("northwest", 0, 0)], 100, mark)
        rule = f"/gravity/northwest/dissolve/100/scatype/{kind}/spcent/{share}"
        near(made(shop, rule), wanted, 30.0)


def tiled(shop: Shop) -> None:
    """All over the picture, at equal distances."""
    picture = made(shop, "/batch/1/dissolve/100/spacing/50")
    changed = ImageChops.difference(picture, scene()).convert("L").point(lambda v: 255 * (v > 12))
    quarters = [(x, y, x + 48, y + 32) for x in (0, 48) for y in (0, 32)]
    for quarter in quarters:
        assert changed.crop(quarter).getbbox(), quarter
    share = changed.histogram()[255] / (96 * 64)
    # A mark of 20 x 14 in 30 x 21.
    assert 0.25 < share < 0.6, share


def written(shop: Shop) -> None:
    """Where, how large and in which colour the document's words say: the letters are another face."""
    rule = f"watermark/2/text/{text('HHH')}/fontsize/24/fill/{text('#FFFF00')}/dissolve/100"
    for gravity, (x, y) in GRAVITIES.items():
        picture = shop.get("scene.png", f"{rule}/gravity/{gravity}")
        changed = ImageChops.difference(picture, scene()).convert("L").point(lambda v: 255 * (v > 8))
        left, top, right, bottom = changed.getbbox()
        width, height = right - left, bottom - top
        assert 12 <= height <= 24 and 30 <= width <= 72, (gravity, width, height)
        middle = ((left + right) / 2, (top + bottom) / 2)
        wanted = (
            {0: width / 2, 0.5: 48, 1: 96 - width / 2}[x],
            {0: 14, 0.5: 32, 1: 50}[y],
        )
        assert all(abs(a - b) <= 8 for a, b in zip(middle, wanted)), (gravity, middle, wanted)
        colours = picture.getcolors(96 * 64)
        assert any(colour == (255, 255, 0) for _, colour in colours), gravity


def shaded(shop: Shop) -> None:
    rule = f"watermark/2/text/{text('HHH')}/fontsize/24/fill/{text('#FFFFFF')}/gravity/center"
    changed = lambda more: sum(
        ImageChops.difference(shop.get("scene.png", rule + more), scene()).convert("L").point(
            lambda v: 255 * (v > 4)
        ).histogram()[255:]
    )
    assert changed("/shadow/80") > changed("") * 1.1
    sheer = shop.get("scene.png", f"{rule}/dissolve/0")
    near(sheer, scene(), FINE)


def run(shop: Shop, report) -> None:
    shop.put("stamp.png", stamp(), "PNG")
    for gravity in GRAVITIES:
        report.case(f"a picture at {gravity}", at, shop, gravity)
    for case in (plain, opacity, sized, tiled, written, shaded):
        report.case(case.__name__, case, shop)
