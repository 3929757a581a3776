//! What the store does, over both engines. Each behaviour is a function; `on_both!` makes two tests of it.

mod documents;
mod faults;
mod feed;
pub(crate) mod harness;
mod hits;
mod plans;
mod relations;
pub(crate) mod replica;
mod sample;
mod winners;

/// Makes a test of each behaviour for each engine. Without a PostgreSQL server those of PostgreSQL say so on the
/// terminal and pass, unless `REQUIRE_POSTGRES` is set.
macro_rules! on_both {
    ($($behaviour:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $behaviour() {
                super::$behaviour(&crate::store::tests::harness::Place::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $behaviour() {
                if let Some(place) = crate::store::tests::harness::Place::postgres().await {
                    super::$behaviour(&place).await;
                }
            })*
        }
    };
}
use on_both;
