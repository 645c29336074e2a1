"""Compares what picture URLs of a local cloud show with what Pillow makes of the same pictures, by
distance. Where a rule means something that Pillow has not, the document's own words are checked."""

import sys

from PIL import Image, features

import formats
import laid
import moving
import shapes
from report import Report
from shop import Shop


def main() -> int:
    report, shop = Report("pillow"), Shop()
    for part in (shapes, formats, laid, moving):
        part.run(shop, report)
    print(f"pillow: version {Image.__version__}, AVIF {features.version('avif')}")
    return report.finish()


sys.exit(main())
