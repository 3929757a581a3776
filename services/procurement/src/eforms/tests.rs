//! Documents written by hand for each rule, and the real ones where they are at hand.

mod real;
