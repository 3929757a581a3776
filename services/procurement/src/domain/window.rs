//! Which hits a caller wants, and which of Doffin's pages hold them.

use std::ops::RangeInclusive;

use super::Invalid;

/// How many hits of a query Doffin gives at most.
pub(crate) const CEILING: u32 = 1000;

/// The page size Doffin documents as its largest; it accepts more on some days and refuses it on others.
const UPSTREAM_PAGE: u32 = 100;

/// A page of hits as a caller asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    page: u32,
    hits_per_page: u32,
}

/// Pages to ask Doffin for, and what to keep of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Hits on one of Doffin's pages.
    pub(crate) page_size: u32,
    /// Doffin's pages, one after the other.
    pub(crate) pages: RangeInclusive<u32>,
    /// Hits of these pages to leave out at the start.
    pub(crate) skip: usize,
    /// Hits to keep after that.
    pub(crate) take: usize,
    /// Whether the ceiling cuts the caller's page short.
    pub(crate) cut: bool,
}

impl Window {
    /// Checks a page and its size; they default to 1 and 100.
    pub(crate) fn new(page: Option<i32>, hits_per_page: Option<i32>) -> Result<Self, Invalid> {
        let hits_per_page = u32::try_from(hits_per_page.unwrap_or(100))
            .ok()
            .filter(|size| (1..=1000).contains(size))
            .ok_or_else(|| Invalid::new("hitsPerPage", "must be 1 to 1000"))?;
        let page = u32::try_from(page.unwrap_or(1))
            .ok()
            .filter(|page| *page >= 1)
            .ok_or_else(|| Invalid::new("page", "must be 1 or more"))?;
        Ok(Self { page, hits_per_page })
    }

    /// The page's number, from 1.
    pub(crate) fn page(self) -> u32 {
        self.page
    }

    /// The page's size.
    pub(crate) fn hits_per_page(self) -> u32 {
        self.hits_per_page
    }

    /// How many hits stand before the page.
    pub(crate) fn skip(self) -> usize {
        (self.page as usize - 1).saturating_mul(self.hits_per_page as usize)
    }

    /// What to ask Doffin for; a page beyond its ceiling is refused. Small pages are asked for as they are, so that
    /// they come in Doffin's own cut; others are put together from pages of the largest safe size.
    pub(crate) fn plan(self) -> Result<Plan, Invalid> {
        let Self { page, hits_per_page } = self;
        let last = CEILING.div_ceil(hits_per_page);
        if page > last {
            let problem = format!(
                "must be at most {last} with hitsPerPage {hits_per_page}: Doffin gives only the first {CEILING} hits of a query; narrow it, for instance by issueDateFrom and issueDateTo"
            );
            return Err(Invalid::new("page", problem));
        }
        Ok(self.cut())
    }

    fn cut(self) -> Plan {
        let start = (self.page - 1) * self.hits_per_page;
        let wanted = start + self.hits_per_page;
        let end = wanted.min(CEILING);
        let cut = wanted > CEILING;
        if self.hits_per_page <= UPSTREAM_PAGE && !cut {
            let take = self.hits_per_page as usize;
            return Plan { page_size: self.hits_per_page, pages: self.page..=self.page, skip: 0, take, cut };
        }
        Plan {
            page_size: UPSTREAM_PAGE,
            pages: start / UPSTREAM_PAGE + 1..=end.div_ceil(UPSTREAM_PAGE),
            skip: (start % UPSTREAM_PAGE) as usize,
            take: (end - start) as usize,
            cut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(page: i32, size: i32) -> Plan {
        Window::new(Some(page), Some(size)).unwrap().plan().unwrap()
    }

    #[test]
    fn a_small_page_is_asked_for_as_it_is() {
        let window = Window::new(None, None).unwrap();
        assert_eq!((window.page(), window.hits_per_page()), (1, 100));
        assert_eq!(plan(7, 15), Plan { page_size: 15, pages: 7..=7, skip: 0, take: 15, cut: false });
        assert_eq!(plan(10, 100), Plan { page_size: 100, pages: 10..=10, skip: 0, take: 100, cut: false });
    }

    #[test]
    fn a_large_page_is_put_together_from_hundreds() {
        assert_eq!(plan(1, 1000), Plan { page_size: 100, pages: 1..=10, skip: 0, take: 1000, cut: false });
        assert_eq!(plan(2, 250), Plan { page_size: 100, pages: 3..=5, skip: 50, take: 250, cut: false });
    }

    #[test]
    fn a_page_across_the_ceiling_is_cut_and_never_asks_beyond_it() {
        assert_eq!(plan(4, 300), Plan { page_size: 100, pages: 10..=10, skip: 0, take: 100, cut: true });
        assert_eq!(plan(34, 30), Plan { page_size: 100, pages: 10..=10, skip: 90, take: 10, cut: true });
        for size in 1..=1000 {
            let last = i32::try_from(CEILING.div_ceil(size)).unwrap();
            let size = i32::try_from(size).unwrap();
            let plan = plan(last, size);
            assert!(plan.pages.end() * plan.page_size <= CEILING, "{size}: {plan:?}");
            let beyond = Window::new(Some(last + 1), Some(size)).unwrap();
            assert_eq!(beyond.plan().unwrap_err().field, "page");
            assert_eq!(beyond.skip(), usize::try_from(last * size).unwrap());
        }
    }

    #[test]
    fn sizes_and_pages_out_of_range_are_named() {
        for bad in [0, -1, 1001, i32::MAX, i32::MIN] {
            assert_eq!(Window::new(None, Some(bad)).unwrap_err().field, "hitsPerPage", "{bad}");
        }
        for bad in [0, -1, i32::MIN] {
            assert_eq!(Window::new(Some(bad), None).unwrap_err().field, "page", "{bad}");
        }
    }
}
