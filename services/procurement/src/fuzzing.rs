//! The readers of what strangers write, for fuzz targets and measurements. The service does not have this.

use crate::{eforms, upstream};

/// Reads a notice's document; how many entries of parties it has, if it can be read.
pub fn document(bytes: &[u8]) -> Option<usize> {
    let document = eforms::parse(bytes).ok()?;
    Some(document.parties.len())
}

/// Reads a notice's document and lists it as a hit; whether both could be done.
pub fn hit(bytes: &[u8]) -> bool {
    let id = crate::domain::NoticeId::parse("2024-100001");
    let document = eforms::parse(bytes);
    matches!((id, document), (Ok(id), Ok(document)) if eforms::hit(id.clone(), &document).id == id)
}

/// Reads a page of hits as Doffin sends it; whether it is one.
pub fn page(bytes: &[u8]) -> bool {
    upstream::is_page(bytes)
}
