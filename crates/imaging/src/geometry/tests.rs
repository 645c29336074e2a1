use proptest::prelude::*;

use super::*;

const MODES: [Mode; 5] = [
    Mode::Cover,
    Mode::Contain,
    Mode::Fill,
    Mode::Pad,
    Mode::Fixed,
];

fn canvas(mode: Mode, source: (u32, u32), target: (u32, u32)) -> (u32, u32) {
    let plan = Resize::to_box(mode, Some(target.0), Some(target.1))
        .unwrap()
        .plan(source.0, source.1);
    (plan.canvas.width, plan.canvas.height)
}

#[test]
fn modes_on_a_landscape_picture() {
    let meet = |mode| canvas(mode, (400, 200), (100, 100));
    assert_eq!(meet(Mode::Cover), (200, 100));
    assert_eq!(meet(Mode::Contain), (100, 50));
    assert_eq!(meet(Mode::Fill), (100, 100));
    assert_eq!(meet(Mode::Pad), (100, 100));
    assert_eq!(meet(Mode::Fixed), (100, 100));
}

#[test]
fn fill_cuts_and_pad_adds_evenly() {
    let fill = Resize::to_box(Mode::Fill, Some(100), Some(100))
        .unwrap()
        .plan(400, 200);
    assert_eq!(
        fill.crop,
        Rect {
            left: 100.0,
            top: 0.0,
            width: 200.0,
            height: 200.0
        }
    );
    let pad = Resize::to_box(Mode::Pad, Some(100), Some(101))
        .unwrap()
        .plan(400, 200);
    assert_eq!((pad.scaled.width, pad.scaled.height), (100, 50));
    assert_eq!((pad.left, pad.top), (0, 25));
}

#[test]
fn small_pictures_are_enlarged() {
    assert_eq!(canvas(Mode::Contain, (10, 5), (100, 100)), (100, 50));
    assert_eq!(canvas(Mode::Cover, (10, 5), (100, 100)), (200, 100));
}

#[test]
fn percent_rounds_halves_up_and_never_to_zero() {
    let half = Resize::scale(0.5).unwrap();
    assert_eq!(
        half.plan(3648, 2736).canvas,
        Size {
            width: 1824,
            height: 1368
        }
    );
    assert_eq!(
        half.plan(5, 1).canvas,
        Size {
            width: 3,
            height: 1
        }
    );
    let tenth = Resize::scale(0.1).unwrap();
    assert_eq!(
        tenth.plan(1, 4).canvas,
        Size {
            width: 1,
            height: 1
        }
    );
}

#[test]
fn long_and_short_side_follow_the_orientation() {
    let long = Resize::to_sides(Mode::Contain, Some(100), None).unwrap();
    assert_eq!(
        long.plan(400, 200).canvas,
        Size {
            width: 100,
            height: 50
        }
    );
    assert_eq!(
        long.plan(200, 400).canvas,
        Size {
            width: 50,
            height: 100
        }
    );
    let both = Resize::to_sides(Mode::Fixed, Some(100), Some(30)).unwrap();
    assert_eq!(
        both.plan(200, 400).canvas,
        Size {
            width: 30,
            height: 100
        }
    );
    let short = Resize::to_sides(Mode::Pad, None, Some(30)).unwrap();
    assert_eq!(
        short.plan(200, 400).canvas,
        Size {
            width: 30,
            height: 60
        }
    );
}

#[test]
fn arguments_outside_their_range_are_refused() {
    for factor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Resize::scale(factor).is_err(), "{factor}");
    }
    assert!(Resize::to_box(Mode::Fill, None, None).is_err());
    assert!(Resize::to_box(Mode::Fill, Some(0), Some(1)).is_err());
    assert!(Resize::to_sides(Mode::Fill, None, Some(0)).is_err());
}

fn side() -> impl Strategy<Value = u32> {
    prop_oneof![1..=40_u32, 1..=30_000_u32]
}

fn target() -> impl Strategy<Value = u32> {
    prop_oneof![1..=40_u32, 1..=16_384_u32]
}

proptest! {
    #[test]
    fn cover_covers_and_contain_fits_with_one_side_exact(
        w in side(), h in side(), tw in target(), th in target()
    ) {
        let (cw, ch) = canvas(Mode::Cover, (w, h), (tw, th));
        prop_assert!(cw >= tw && ch >= th && (cw == tw || ch == th));
        let (fw, fh) = canvas(Mode::Contain, (w, h), (tw, th));
        prop_assert!(fw <= tw && fh <= th && (fw == tw || fh == th));
    }

    #[test]
    fn proportions_are_kept_to_half_a_pixel(
        w in side(), h in side(), tw in target(), th in target()
    ) {
        for mode in [Mode::Cover, Mode::Contain] {
            let (rw, rh) = canvas(mode, (w, h), (tw, th));
            let from_width = f64::from(rw) * f64::from(h) / f64::from(w);
            let from_height = f64::from(rh) * f64::from(w) / f64::from(h);
            let near = |exact: f64, got: u32| (exact.max(1.0) - f64::from(got)).abs() <= 0.500_001;
            prop_assert!(near(from_width, rh) || near(from_height, rw));
        }
    }

    #[test]
    fn canvas_is_exact_for_fill_pad_and_fixed(
        w in side(), h in side(), tw in target(), th in target()
    ) {
        for mode in [Mode::Fill, Mode::Pad, Mode::Fixed] {
            prop_assert_eq!(canvas(mode, (w, h), (tw, th)), (tw, th));
        }
    }

    #[test]
    fn every_plan_stays_inside_source_and_canvas(
        mode in prop::sample::select(MODES.to_vec()),
        w in side(), h in side(),
        first in prop::option::of(target()), second in prop::option::of(target()),
        by_sides: bool,
    ) {
        let make = if by_sides { Resize::to_sides } else { Resize::to_box };
        let Ok(resize) = make(mode, first, second) else {
            prop_assert!(first.is_none() && second.is_none());
            return Ok(());
        };
        let plan = resize.plan(w, h);
        let slack = 1e-6;
        prop_assert!(plan.crop.left >= 0.0 && plan.crop.top >= 0.0);
        prop_assert!(plan.crop.width >= 1.0 && plan.crop.height >= 1.0);
        prop_assert!(plan.crop.left + plan.crop.width <= f64::from(w) + slack);
        prop_assert!(plan.crop.top + plan.crop.height <= f64::from(h) + slack);
        prop_assert!(plan.scaled.width >= 1 && plan.scaled.height >= 1);
        prop_assert!(plan.left.saturating_add(plan.scaled.width) <= plan.canvas.width);
        prop_assert!(plan.top.saturating_add(plan.scaled.height) <= plan.canvas.height);
    }

    #[test]
    fn one_given_side_is_met_in_every_mode(
        mode in prop::sample::select(MODES.to_vec()), w in side(), h in side(), t in target()
    ) {
        let plan = Resize::to_box(mode, Some(t), None).unwrap().plan(w, h);
        let fixed = Resize::to_box(Mode::Fixed, Some(t), None).unwrap().plan(w, h);
        prop_assert_eq!(plan.canvas.height, fixed.canvas.height);
        prop_assert_eq!(fixed.canvas.width, t);
    }

    #[test]
    fn turning_the_picture_turns_the_plan(
        mode in prop::sample::select(MODES.to_vec()),
        w in side(), h in side(), long in target(), short in target()
    ) {
        prop_assume!(w != h);
        let resize = Resize::to_sides(mode, Some(long), Some(short)).unwrap();
        let (a, b) = (resize.plan(w, h).canvas, resize.plan(h, w).canvas);
        prop_assert_eq!((a.width, a.height), (b.height, b.width));
    }
}
