//! Words Doffin takes as filters: closed sets, so that a misspelt one is refused instead of ignored. In
//! answers the same words are open text, because Doffin adds to them without notice.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum $name {
            $(
                #[doc = concat!("`", $word, "`.")]
                $variant,
            )*
        }

        impl $name {
            /// The word Doffin knows it by.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

words! {
    /// A kind of notice, or a group of kinds.
    NoticeType {
        Planning = "PLANNING",
        AdvisoryNotice = "ADVISORY_NOTICE",
        NoticeOnBuyerProfile = "NOTICE_ON_BUYER_PROFILE",
        PreAnnouncement = "PRE_ANNOUNCEMENT",
        Competition = "COMPETITION",
        AnnouncementOfCompetition = "ANNOUNCEMENT_OF_COMPETITION",
        DynamicPurchasingScheme = "DYNAMIC_PURCHASING_SCHEME",
        QualificationScheme = "QUALIFICATION_SCHEME",
        Result = "RESULT",
        AnnouncementOfIntent = "ANNOUNCEMENT_OF_INTENT",
        AnnouncementOfConclusionOfContract = "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT",
        ChangeOfConclusionOfContract = "CHANGE_OF_CONCLUSION_OF_CONTRACT",
        CancelledOrMissingConclusionOfContract = "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT",
    }
}

words! {
    /// Where a competition stands.
    Status {
        Active = "ACTIVE",
        Expired = "EXPIRED",
        Awarded = "AWARDED",
        Cancelled = "CANCELLED",
    }
}

words! {
    /// Order of hits. `DEADLINE_DESC` is ours alone.
    SortBy {
        PublicationDateDesc = "PUBLICATION_DATE_DESC",
        PublicationDateAsc = "PUBLICATION_DATE_ASC",
        Deadline = "DEADLINE",
        Relevance = "RELEVANCE",
        EstimatedValueDesc = "ESTIMATED_VALUE_DESC",
        EstimatedValueAsc = "ESTIMATED_VALUE_ASC",
        DeadlineDesc = "DEADLINE_DESC",
    }
}
