#!/bin/sh
# Makes the pictures of the golden tests with ImageMagick (6.9 or 7), which means by these options
# what the operations of this crate mean. Run it in this folder.
set -eu

# A gradient, an edge that is neither upright nor level, a thin line and some texture.
convert -size 64x48 gradient:'#203868'-'#f0d8a0' -fill '#c03020' -draw 'polygon 8,6 34,10 22,40' \
    -fill '#40b060' -draw 'circle 46,28 54,34' -stroke '#101010' -draw 'line 2,46 62,3' +stroke \
    -attenuate 0.4 -seed 7 +noise Gaussian -depth 8 -strip PNG24:source.png
# The same, fading from left to right.
convert source.png \( -size 48x64 gradient:black-white -rotate 90 \) -alpha off \
    -compose CopyOpacity -composite -depth 8 -strip PNG32:clear.png

made() {
    from=$1 to=$2
    shift 2
    convert "$from.png" "$@" +repage -depth 8 -strip "PNG32:$to.png"
}
made source cut -crop 30x20+10+5
made source cut_edge -crop 30x20+50+40
made source turn_90 -rotate 90
made source turn_180 -rotate 180
made source turn_270 -rotate 270
made source flip_vertical -flip
made source flip_horizontal -flop
made source rotate_30 -alpha set -virtual-pixel transparent -interpolate bilinear -filter point \
    +distort ScaleRotateTranslate 30 +repage -gravity center -crop 80x74+0+0
made source blur -blur 5x2
made clear blur_clear -channel RGBA -blur 5x2
made source bright -brightness-contrast 25x0
made source dark -brightness-contrast -40x0
made source contrast -brightness-contrast 0x40
made source flat -brightness-contrast 0x-40
made source gray -colorspace Gray
made source sharpen -unsharp 2x1+0.7+0
made source percent -filter Lanczos -resize 50%
made source width_percent -filter Lanczos -resize 50x100%
made source height_percent -filter Lanczos -resize 100x50%
made source width -filter Lanczos -resize 40x
made source height -filter Lanczos -resize x30
made source within -filter Lanczos -resize 30x30
made source around -filter Lanczos -resize '30x30^'
made source exact -filter Lanczos -resize '30x30!'
made source area -filter Lanczos -resize 1000@
made source enlarged -filter Lanczos -resize 100x100
made source crop -filter Lanczos -resize '30x30^' -gravity center -extent 30x30
made source crop_west -filter Lanczos -resize '30x30^' -gravity west -extent 30x30
made source crop_southeast -filter Lanczos -resize '30x30^' -gravity southeast -extent 30x30
made source pad -filter Lanczos -resize 60x61 -background '#3070c0' -gravity center -extent 60x61

# Something to lay on them, half transparent at one side.
convert -size 20x14 gradient:'#ff2020'-'#2040ff' \( -size 14x20 gradient:white-'#404040' -rotate 90 \) \
    -alpha off -compose CopyOpacity -composite -depth 8 -strip PNG32:stamp.png
laid() {
    from=$1 to=$2 share=$3
    shift 3
    convert "$from.png" \( stamp.png -channel A -evaluate multiply "$share" +channel \) "$@" \
        -compose over -composite -depth 8 -strip "PNG32:$to.png"
}
laid source overlay 1 -gravity southeast -geometry +5+3
laid source overlay_sheer 0.6 -gravity west -geometry +4+0
laid source overlay_edge 1 -gravity northeast -geometry -7-5
laid clear overlay_clear 1 -gravity northwest -geometry +20+12
