//! The whole service over real sockets, between a scripted Doffin and a small classification service.

#[cfg(test)]
mod classification;
#[cfg(test)]
mod doffin;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod places;
#[cfg(test)]
mod search;
#[cfg(test)]
mod secret;
#[cfg(test)]
mod system;
