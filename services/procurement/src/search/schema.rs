//! What the index keeps of a notice: words and codes to look up, columns to filter, order and count by. No text.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

use super::analysis::{FORMS, NAMES, STEMS};
use super::pairs::PAIRS;

/// Version of what is indexed and how; an index of another one is begun anew. Raise it with every change of the
/// analysis, the record or the schema.
pub(super) const VERSION: u32 = 4;

/// The fields.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    /// The Doffin id as a number.
    pub(super) key: Field,
    /// Stems of everything there is to read, the heading's thrice, with positions.
    pub(super) text: Field,
    /// The same words as inflected, where that is not the stem already, for beginnings.
    pub(super) forms: Field,
    /// Pairs of very common stems that stand side by side.
    pub(super) pairs: Field,
    /// Stems of the buyers' names, with a position for each name.
    pub(super) buyer_name: Field,
    /// Stems of the winners' names, likewise.
    pub(super) supplier_name: Field,
    /// Codes to look up.
    pub(super) codes: [Field; Code::ALL.len()],
    /// Words to count by.
    pub(super) labels: [Field; Label::ALL.len()],
    /// Numbers to filter and order by.
    pub(super) numbers: [Field; Number::ALL.len()],
    /// Amounts to filter, order and sum by.
    pub(super) amounts: [Field; Amount::ALL.len()],
}

macro_rules! columns {
    ($(#[$doc:meta])* $name:ident { $($(#[$what:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum $name {
            $($(#[$what])* $variant,)*
        }

        impl $name {
            /// Each with its field's name, in order.
            pub(super) const ALL: [(Self, &'static str); [$($word),*].len()] = [$((Self::$variant, $word)),*];
        }
    };
}

columns! {
    /// Codes to look up, exactly.
    Code {
        /// Kind and its groups.
        Kind = "kinds",
        /// Beginnings of CPV codes, two to eight digits.
        Cpv = "cpv",
        /// Beginnings of NUTS codes, and marks for nationwide.
        Place = "place",
        /// Buyers' numbers.
        Buyer = "buyer",
        /// Winners' numbers.
        Supplier = "supplier",
        /// Official languages.
        Language = "language",
        /// Procedure type.
        Procedure = "procedure",
    }
}

columns! {
    /// Words to count by.
    Label {
        /// The kind alone.
        Kind = "kind",
        /// CPV divisions, eight digits.
        Division = "division",
        /// NUTS codes and marks as the notice carries them.
        Place = "places",
        /// Buyers' numbers.
        Buyer = "buyers",
        /// Winners' numbers.
        Supplier = "suppliers",
        /// Procedure type.
        Procedure = "procedures",
        /// Currency of the estimated value.
        Currency = "currency",
        /// Main official language.
        Language = "main_language",
    }
}

columns! {
    /// Numbers to filter and order by.
    Number {
        /// Position of the first change.
        FirstSeq = "first_seq",
        /// Day of publication, since 1970.
        Published = "published",
        /// Day of issue in Oslo, since 1970.
        Issued = "issued",
        /// Deadline, nanoseconds since 1970.
        Deadline = "deadline",
        /// Lots.
        Lots = "lots",
        /// Lots whose number of tenders is known and not 0.
        Counted = "counted",
        /// Those with one.
        Single = "single",
        /// Whether search leaves it out, and its status before and after the deadline.
        Standing = "standing",
        /// Hash of the record.
        Print = "print",
    }
}

columns! {
    /// Amounts.
    Amount {
        /// Estimated value, in its currency.
        Estimated = "estimated",
        /// Awarded total, in NOK.
        Awarded = "awarded",
    }
}

/// Stands for a number that a notice lacks.
pub(super) const NONE: i64 = i64::MIN;

/// Stands for an amount that a notice lacks.
pub(super) const NO_AMOUNT: f64 = f64::NEG_INFINITY;

impl Fields {
    /// The schema and its fields.
    pub(super) fn new() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let words = |tokenizer, option, norms| {
            let indexing = TextFieldIndexing::default();
            let indexing = indexing.set_tokenizer(tokenizer).set_index_option(option).set_fieldnorms(norms);
            TextOptions::default().set_indexing_options(indexing)
        };
        let lookup = |tokenizer| words(tokenizer, IndexRecordOption::Basic, false);
        let names = || words(NAMES, IndexRecordOption::WithFreqsAndPositions, false);
        let fast = NumericOptions::default() | FAST;
        let fields = Self {
            key: schema.add_u64_field("key", INDEXED | FAST),
            text: schema.add_text_field("text", words(STEMS, IndexRecordOption::WithFreqsAndPositions, true)),
            forms: schema.add_text_field("forms", lookup(FORMS)),
            pairs: schema.add_text_field("pairs", lookup(PAIRS)),
            buyer_name: schema.add_text_field("buyer_name", names()),
            supplier_name: schema.add_text_field("supplier_name", names()),
            codes: Code::ALL.map(|(_, name)| schema.add_text_field(name, lookup("raw"))),
            labels: Label::ALL
                .map(|(_, name)| schema.add_text_field(name, TextOptions::default().set_fast("raw"))),
            numbers: Number::ALL.map(|(_, name)| schema.add_i64_field(name, fast.clone())),
            amounts: Amount::ALL.map(|(_, name)| schema.add_f64_field(name, fast.clone())),
        };
        (schema.build(), fields)
    }

    /// The field of a code.
    pub(super) fn code(&self, code: Code) -> Field {
        self.codes[code as usize]
    }
}
