#!/bin/sh
# Makes the files of the codec tests with libjxl, libavif and libheif, from the picture of the golden
# tests. Run it in this folder.
set -eu

source=../../golden/data/source.png
clear=../../golden/data/clear.png

cjxl --quiet $source lossless.jxl -d 0
cjxl --quiet $source lossy.jxl -d 1 --container 1
djxl --quiet lossy.jxl lossy.png
cjxl --quiet $clear clear.jxl -d 0
convert $source -colorspace Gray -strip gray.png
cjxl --quiet gray.png gray.jxl -d 0
# Twice the depth: every sample times 257.
convert $source -depth 16 -strip PNG48:deep.png
cjxl --quiet deep.png deep.jxl -d 0
convert $source \( +clone -flop \) \( +clone -flip \) -set delay 10 -loop 0 moving.gif
cjxl --quiet moving.gif moving.jxl -d 0

# For figures of memory, which are about the size of a picture.
convert $source -resize 720x540 -strip large.png
cjxl --quiet large.png large.jxl -d 2
convert -size 720x540 gradient:'#203868'-'#f0d8a0' -strip large.png
cjxl --quiet large.png large_lossless.jxl -d 0

# Without loss, as far as 4:4:4 and the identity matrix go.
lossless() {
    to=$1 from=$2
    shift 2
    avifenc --lossless "$@" "$from" "$to.avif" >/dev/null
}
lossless plain $source
lossless clear $clear
lossless turned $source --irot 1
lossless mirrored $source --imir 1
lossless both $source --irot 3 --imir 0
lossless part $source --crop 10,6,40,30
avifenc -d 10 $source deep.avif >/dev/null
convert $source -flop flopped.png
avifenc $source flopped.png moving.avif >/dev/null

heif-enc -L -p chroma=444 --matrix_coefficients=0 $source -o plain.heic >/dev/null
heif-enc -q 90 $clear -o clear.heic >/dev/null

rm large.png gray.png deep.png moving.gif flopped.png
