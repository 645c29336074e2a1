//! Areas of the grid of cells, and its tiles.

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Area {
    pub(crate) const fn right(self) -> usize {
        self.left + self.width
    }

    pub(crate) const fn bottom(self) -> usize {
        self.top + self.height
    }

    /// With `margin` more on each side, as far as there is something.
    pub(crate) fn with_margin(self, margin: usize, grid: Grid) -> Self {
        let left = self.left.saturating_sub(margin);
        let top = self.top.saturating_sub(margin);
        Self {
            left,
            top,
            width: (self.right() + margin).min(grid.width) - left,
            height: (self.bottom() + margin).min(grid.height) - top,
        }
    }
}

/// The whole grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Grid {
    /// The tiles of at most `side` cells on a side that it consists of.
    pub(crate) fn tiles(self, side: usize) -> impl Iterator<Item = Area> + Clone {
        (0..self.height).step_by(side).flat_map(move |top| {
            (0..self.width).step_by(side).map(move |left| Area {
                left,
                top,
                width: side.min(self.width - left),
                height: side.min(self.height - top),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_the_grid_once() {
        let grid = Grid {
            width: 23,
            height: 11,
        };
        let mut seen = vec![0; grid.width * grid.height];
        for tile in grid.tiles(8) {
            for y in tile.top..tile.bottom() {
                for x in tile.left..tile.right() {
                    seen[y * grid.width + x] += 1;
                }
            }
        }
        assert!(seen.iter().all(|&times| times == 1));
    }

    #[test]
    fn a_margin_ends_where_the_grid_does() {
        let grid = Grid {
            width: 20,
            height: 9,
        };
        let tile = Area {
            left: 8,
            top: 0,
            width: 4,
            height: 8,
        };
        let wide = tile.with_margin(5, grid);
        assert_eq!((wide.left, wide.right()), (3, 17));
        assert_eq!((wide.top, wide.bottom()), (0, 9));
    }
}
