//! Documents written by hand for each rule, and the real ones where they are at hand.

mod buyers;
mod hits;
mod hostile;
mod identity;
mod lots;
mod mutated;
mod real;
mod values;
mod winners;
mod written;
