//! QR codes (ISO/IEC 18004) as a grid, and how pages and terminals draw it.

use qrcode::{Color, EcLevel, QrCode};

/// How many light squares must surround a code (ISO/IEC 18004, 6.3.8).
const QUIET: usize = 4;

/// A QR code with its quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// How many squares a side has.
    pub size: usize,
    dark: Vec<bool>,
}

impl Grid {
    /// Returns the code of a text, or `None` where it is too long for one. The same text gives the
    /// same code.
    pub fn of(text: &str) -> Option<Grid> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let inner = code.width();
        let colors = code.to_colors();
        let size = inner + 2 * QUIET;
        let mut dark = vec![false; size * size];
        for (at, color) in colors.into_iter().enumerate() {
            let (row, column) = (at / inner + QUIET, at % inner + QUIET);
            dark[row * size + column] = color == Color::Dark;
        }
        Some(Grid { size, dark })
    }

    fn is_dark(&self, row: usize, column: usize) -> bool {
        self.dark.get(row * self.size + column).copied().unwrap_or(false)
    }

    /// Returns the dark squares as the path of an SVG (SVG 2, 9.3) whose box is `size` wide and
    /// high: a rectangle for each run in a row.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for row in 0..self.size {
            let mut column = 0;
            while column < self.size {
                let run = (column..self.size).take_while(|at| self.is_dark(row, *at)).count();
                if run > 0 {
                    path.push_str(&format!("M{column} {row}h{run}v1h-{run}z"));
                }
                column += run.max(1);
            }
        }
        path
    }

    /// Returns the code as lines of text, two rows of squares to a line: for dark letters on a
    /// light ground.
    pub fn lines(&self) -> Vec<String> {
        let cell = |row, column| match (self.is_dark(row, column), self.is_dark(row + 1, column)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        let line = |row| (0..self.size).map(|column| cell(row, column)).collect();
        (0..self.size).step_by(2).map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_drawings_show_the_same_squares() {
        let grid = Grid::of("B2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3").unwrap();
        let mut drawn = vec![false; grid.size * grid.size];
        for run in grid.path().split('M').skip(1) {
            let (place, rest) = run.split_once('h').unwrap();
            let (column, row) = place.split_once(' ').unwrap();
            let length: usize = rest.split('v').next().unwrap().parse().unwrap();
            let start =
                row.parse::<usize>().unwrap() * grid.size + column.parse::<usize>().unwrap();
            drawn[start..start + length].fill(true);
        }
        assert_eq!(drawn, grid.dark);
        for (at, line) in grid.lines().iter().enumerate() {
            for (column, cell) in line.chars().enumerate() {
                assert_eq!(matches!(cell, '█' | '▀'), grid.is_dark(at * 2, column));
                assert_eq!(matches!(cell, '█' | '▄'), grid.is_dark(at * 2 + 1, column));
            }
        }
    }

    #[test]
    fn a_code_has_its_corners_and_its_quiet_zone() {
        let grid = Grid::of("x").unwrap();
        assert_eq!(grid.size, 21 + 8);
        let corner = |row: usize, column: usize| (0..7).all(|at| grid.is_dark(row, column + at));
        assert!(corner(4, 4) && corner(4, 18) && corner(18, 4) && !corner(18, 18));
        assert!((0..grid.size).all(|at| !grid.is_dark(3, at) && !grid.is_dark(at, 3)));
        assert_eq!(Grid::of(&"x".repeat(3000)), None);
    }
}
