#!/usr/bin/python3
"""Whole processes over pictures: the bare program over `imaging` beside libvips.

Needs Debian's libvips-tools, libavif-bin, python3-numpy, python3-pil, time, and the program:

    cargo build --release -p tcloud-imaging --example bare --features avif,text
    tests/benches/vips.py target/release/examples/bare

Both get two threads and the same picture of 12 megapixels. Where a result has a quality, it is first
looked for: the lowest one of each at which the result is as near to the picture (SSIM of its luma)
as libvips' at quality 80, within 0.005. Then both run in turns; the least processor time of all
rounds counts, and the most memory.
"""

import io
import os
import subprocess
import sys
import tempfile

import numpy
from PIL import Image

ROUNDS = 5
THREADS = "2"
WIDTH, HEIGHT = 4000, 3000
NEAR = 0.005


def photograph():
    """Shades, edges and grain as in a photograph, the same in every run."""
    random = numpy.random.default_rng(7)
    picture = numpy.zeros((HEIGHT, WIDTH, 3), numpy.float32)
    for size in (4, 12, 40, 120, 400, 1200, 3000):
        coarse = random.normal(0, 1, (size * 3 // 4, size, 3)).astype(numpy.float32)
        coarse = coarse * 0.35 + coarse[:, :, :1] * 0.65
        planes = [Image.fromarray(coarse[:, :, plane]) for plane in range(3)]
        planes = [plane.resize((WIDTH, HEIGHT), Image.BICUBIC) for plane in planes]
        picture += numpy.stack([numpy.asarray(plane) for plane in planes], 2) * 40 / size**0.33
    # Things with edges.
    y, x = numpy.ogrid[0:HEIGHT, 0:WIDTH]
    for _ in range(60):
        left, top = random.integers(0, WIDTH), random.integers(0, HEIGHT)
        radius, shade = random.integers(30, 500), random.normal(0, 30, 3)
        inside = (x - left) ** 2 + (y - top) ** 2 * random.uniform(0.3, 3) < radius**2
        picture[inside] += shade
    picture += random.normal(0, 1.5, picture.shape)
    return Image.fromarray(numpy.clip(picture + 120, 0, 255).astype(numpy.uint8))


def luma(picture):
    red, green, blue = numpy.asarray(picture.convert("RGB"), numpy.float32).transpose(2, 0, 1)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def means(plane, side=8):
    """Means of all windows of 8 by 8."""
    sums = numpy.pad(plane.astype(numpy.float64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    return (sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]) / side**2


def ssim(one, other):
    mean, mean_other = means(one), means(other)
    variance, variance_other = means(one * one) - mean**2, means(other * other) - mean_other**2
    both = means(one * other) - mean * mean_other
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean * mean_other + c1) * (2 * both + c2)
    return float((top / ((mean**2 + mean_other**2 + c1) * (variance + variance_other + c2))).mean())


def measured(command):
    """Seconds of processor time and the most memory in MiB."""
    environment = dict(os.environ, VIPS_CONCURRENCY=THREADS, RAYON_NUM_THREADS=THREADS)
    # Started by this process, a program would begin with the memory of this one.
    command = ["/usr/bin/time", "-f", "%M", "-o", "memory", *command]
    pid = os.posix_spawn(command[0], command, environment)
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"{command} ended with {status}")
    with open("memory", encoding="ascii") as file:
        return usage.ru_utime + usage.ru_stime, int(file.read()) / 1024


def opened(path):
    if path.endswith(".avif"):
        png = path + ".png"
        subprocess.run(["avifdec", "--png-compress", "0", path, png], check=True, stdout=subprocess.DEVNULL)
        path = png
    with open(path, "rb") as file:
        return Image.open(io.BytesIO(file.read())).convert("RGB")


def main():
    bare = os.path.abspath(sys.argv[1])
    os.chdir(tempfile.mkdtemp())
    picture = photograph()
    picture.save("in.jpg", quality=90)
    picture.save("in.png", compress_level=3)
    stamp = "Made with care"
    # Each: the input, the ending of the result, what libvips is called with before the options of
    # the result, the options of the bare program, and whether there is a quality.
    cases = {
        "JPEG to a thumbnail of 640": ("in.jpg", "jpg", "thumbnail in.jpg {out} 640", ["--width", "640"]),
        "JPEG to WebP": ("in.jpg", "webp", "copy in.jpg {out}", []),
        "PNG to WebP": ("in.png", "webp", "copy in.png {out}", []),
        "JPEG to AVIF": ("in.jpg", "avif", "copy in.jpg {out}", []),
        "cut and text, JPEG": (
            "in.jpg",
            "jpg",
            None,
            ["--cut", "2000x1500+900+700", "--text", stamp],
        ),
    }
    print("| | SSIM | quality | processor | ratio | memory | file |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, (source, ending, vips, options) in cases.items():
        if len(sys.argv) > 2 and sys.argv[2] not in name:
            continue
        out = {"vips": f"vips.{ending}", "bare": f"bare.{ending}"}

        def commands(which, quality):
            if which == "bare":
                return [[bare, source, out["bare"], "--quality", str(quality), *options]]
            if vips is not None:
                return [["vips", *vips.format(out=f"{out['vips']}[Q={quality}]").split()]]
            # One process is not enough for it: a part, a text, and one laid on the other.
            return [
                ["vips", "text", "text.png", stamp, "--dpi", "96", "--font", "sans 72", "--rgba"],
                ["vips", "crop", source, "part.v", "900", "700", "2000", "1500"],
                ["vips", "composite2", "part.v", "text.png", "both.v", "over", "--x", "1200", "--y", "1380"],
                ["vips", "flatten", "both.v", f"{out['vips']}[Q={quality}]"],
            ]

        def run(which, quality):
            each = [measured(command) for command in commands(which, quality)]
            return sum(seconds for seconds, _ in each), max(memory for _, memory in each)

        run("vips", 80)
        made = opened(out["vips"])
        if vips is None:
            reference = luma(picture.crop((900, 700, 2900, 2200)))
        elif made.size == picture.size:
            reference = luma(picture)
        else:
            reference = luma(picture.resize(made.size, Image.LANCZOS))
        wanted = ssim(reference, luma(made))
        low, high, found = 1, 100, None
        while low <= high:
            middle = (low + high) // 2
            run("bare", middle)
            near = ssim(reference, luma(opened(out["bare"])))
            if found is None or abs(near - wanted) < abs(found[1] - wanted):
                found = (middle, near)
            if near < wanted:
                low = middle + 1
            else:
                high = middle - 1
        quality, near = found
        if abs(near - wanted) > NEAR:
            print(f"no quality of ours comes within {NEAR} of {wanted:.4f}: {near:.4f}", file=sys.stderr)
        times = {"vips": [], "bare": []}
        for _ in range(ROUNDS):
            times["vips"].append(run("vips", 80))
            times["bare"].append(run("bare", quality))
        best = {which: min(seconds for seconds, _ in all) for which, all in times.items()}
        most = {which: max(memory for _, memory in all) for which, all in times.items()}
        sizes = {which: os.path.getsize(path) // 1024 for which, path in out.items()}
        print(
            f"| {name} | {near:.4f}, {wanted:.4f} | {quality}, 80 "
            f"| {best['bare']:.2f} s, {best['vips']:.2f} s | {best['bare'] / best['vips']:.2f} "
            f"| {most['bare']:.0f} MiB, {most['vips']:.0f} MiB | {sizes['bare']} KiB, {sizes['vips']} KiB |",
            flush=True,
        )


main()
