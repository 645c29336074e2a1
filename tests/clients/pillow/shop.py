"""What the cases share: a bucket whose pictures anybody may read, pictures that Pillow makes, and
distances between pictures."""

import base64
import io
import math
import os
import urllib.parse
import urllib.request

from PIL import Image, ImageChops, ImageDraw, ImageFilter
from qcloud_cos import CosConfig, CosS3Client
from qcloud_cos.cos_auth import CosS3Auth

ADDRESS = os.environ["CLOUD_ADDRESS"]
REGION = os.environ["CLOUD_REGION"]
BUCKET = f"pillow-{os.environ['CLOUD_APP_ID']}"
HOST = f"{BUCKET}.cos.{REGION}.myqcloud.com"

# Distances, in dB: of rounding alone, of compression at a high quality, of filters that differ in
# precision, and of colours that are chosen anew.
SAME, FINE, CLOSE, COLOURS = 50.0, 40.0, 34.0, 26.0


class Shop:
    """The bucket, and how its pictures are asked for."""

    def __init__(self) -> None:
        config = CosConfig(
            Region=REGION,
            SecretId=os.environ["CLOUD_SECRET_ID"],
            SecretKey=os.environ["CLOUD_SECRET_KEY"],
            Scheme="http",
            Proxies={"http": f"http://{ADDRESS}"},
        )
        self._cos = CosS3Client(config)
        self._cos.create_bucket(Bucket=BUCKET)
        self._switch_slimming_on()
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def _switch_slimming_on(self) -> None:
        """The SDK has no method of its own for it."""
        params, conf = {"image-slim": ""}, self._cos.get_conf()
        self._cos.send_request(
            method="PUT",
            url=conf.uri(bucket=BUCKET, endpoint=conf._endpoint_pic),
            bucket=BUCKET,
            data="<ImageSlim><SlimMode>API</SlimMode></ImageSlim>",
            auth=CosS3Auth(conf, params=params),
            headers={},
            params=params,
        )

    def put(self, key: str, picture: Image.Image, format: str, **settings) -> str:
        file = io.BytesIO()
        picture.save(file, format, **settings)
        self._cos.put_object(Bucket=BUCKET, Key=key, Body=file.getvalue(), ACL="public-read")
        return key

    def file(self, key: str, rule: str = "") -> bytes:
        """The answer to a picture's URL, which needs no signature."""
        query = f"?{urllib.parse.quote(rule, safe='/|!@=')}" if rule else ""
        with self._open(f"http://{ADDRESS}/{BUCKET}/{key}{query}") as answer:
            return answer.read()

    def get(self, key: str, rule: str = "") -> Image.Image:
        picture = Image.open(io.BytesIO(self.file(key, rule)))
        picture.load()
        return picture


def text(value: str) -> str:
    """URL-safe Base64, as rules have it."""
    return base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")


def address(key: str) -> str:
    return text(f"http://{HOST}/{key}")


def scene(width: int = 96, height: int = 64) -> Image.Image:
    """A gradient, edges that are neither upright nor level, a thin line: nothing is symmetrical."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    picture = Image.merge("RGB", (across, down, ImageChops.invert(across).point(lambda v: v // 2 + 60)))
    draw = ImageDraw.Draw(picture)
    draw.polygon([(12, 9), (51, 15), (33, 54)], fill=(192, 48, 32))
    draw.ellipse([(57, 26), (85, 54)], fill=(64, 176, 96))
    draw.line([(3, 61), (92, 4)], fill=(16, 16, 16))
    return picture.filter(ImageFilter.GaussianBlur(0.6))


def clear() -> Image.Image:
    """The scene, fading from left to right."""
    picture = scene().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").rotate(90).resize(picture.size))
    return picture


def on_white(picture: Image.Image) -> Image.Image:
    below = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(below, picture.convert("RGBA")).convert("RGB")


def distance(one: Image.Image, other: Image.Image) -> float:
    """PSNR in dB of what can be seen, with transparency."""
    assert one.size == other.size, f"size is {one.size}, expected {other.size}"
    one, other = (seen(each) for each in (one, other))
    error = total = 0
    for band in ImageChops.difference(one, other).split():
        for value, count in enumerate(band.histogram()):
            error += value * value * count
            total += count
    return math.inf if error == 0 else 10 * math.log10(255 * 255 * total / error)


def seen(picture: Image.Image) -> Image.Image:
    """With each colour as much as it can be seen."""
    return Image.merge("RGBA", picture.convert("RGBA").convert("RGBa").split())


def near(one: Image.Image, other: Image.Image, least: float) -> None:
    found = distance(one, other)
    assert found >= least, f"{found:.1f} dB, expected {least}"


def equal(found, expected, what: str) -> None:
    assert found == expected, f"{what}: {found!r}, expected {expected!r}"
