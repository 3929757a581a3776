//! Gets and lists as the server does them: a request in, the answer's bytes out, without the network.
//!
//! The CPV list has as many codes as the real one, made up; NUTS and STYRK are the embedded ones.
#![expect(missing_docs, reason = "the macro of criterion makes a function without any")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on ends")]

use std::hint::black_box;
use std::sync::Arc;

use classification::cache::Cache;
use classification::config::Sources;
use classification::domain::{Edition, List, Origin, Row};
use classification::grpc::Service;
use classification::source::disk::Disk;
use criterion::{Criterion, criterion_group, criterion_main};
use prost::Message;
use proto::classification as pb;
use proto::classification::classification_service_server::ClassificationService as _;
use runtime::Stop;
use tokio::runtime::Runtime;
use tonic::Request;

/// As many codes as CPV has.
const CODES: usize = 9454;

/// A cache whose CPV list is as large as the real one.
fn cache() -> Arc<Cache> {
    let nowhere = Disk::new(std::path::Path::new("no such directory"));
    let cache = Cache::start(Sources { cpv: None, nuts: None, styrk: None }, &nowhere).unwrap();
    let label = |code: &str| {
        (
            format!("Tjenester i forbindelse med varer og anlegg {code}"),
            format!("Services related to goods and works {code}"),
        )
    };
    let mut codes: Vec<String> = (3..48).map(|division| format!("{division:02}000000")).collect();
    // Nine groups a division, nine classes a group, and so on down, until there are enough.
    let mut next = 0;
    while codes.len() < CODES {
        let above = codes[next].trim_end_matches('0').len().max(2);
        for digit in 1..=9 {
            codes.push(format!("{:0<8}", format!("{}{digit}", &codes[next][..above])));
        }
        next += 1;
    }
    codes.truncate(CODES);
    let rows = codes.iter().map(|code| {
        let (nb, en) = label(code);
        Row::new(code.clone(), nb).english(&en)
    });
    let list = List::build(rows).unwrap();
    cache.cpv.replace(Edition { list, origin: Origin::Upstream, as_of: jiff::Timestamp::UNIX_EPOCH });
    Arc::new(cache)
}

fn lists(criterion: &mut Criterion) {
    let service = Service::new(cache(), Stop::new());
    let runtime = Runtime::new().unwrap();
    macro_rules! bench {
        ($name:literal, $call:ident, $request:expr) => {
            criterion.bench_function($name, |bencher| {
                bencher.iter(|| {
                    let answer = runtime.block_on(service.$call(Request::new($request)));
                    black_box(answer.unwrap().into_inner().encode_to_vec())
                });
            });
        };
    }
    let cpv = |code: &str| pb::GetCpvCodeRequest { code: code.into(), ..Default::default() };
    bench!("get one CPV code", get_cpv_code, cpv("03111000"));
    bench!("get a CPV division", get_cpv_code, cpv("30000000"));
    bench!("get a county", get_nuts_code, pb::GetNutsCodeRequest { code: "NO084".into() });
    bench!("get a municipality", get_nuts_code, pb::GetNutsCodeRequest { code: "0301".into() });
    let styrk = |code: &str| pb::GetStyrkCodeRequest { code: code.into(), ..Default::default() };
    bench!("get an occupation", get_styrk_code, styrk("2512"));
    let under = |code: &str| pb::ListCpvCodesRequest { under: code.into(), ..Default::default() };
    bench!("list one CPV code", list_cpv_codes, under("03111000"));
    bench!("list all CPV codes", list_cpv_codes, pb::ListCpvCodesRequest::default());
    bench!("list all NUTS codes", list_nuts_codes, pb::ListNutsCodesRequest::default());
    bench!("list all STYRK codes", list_styrk_codes, pb::ListStyrkCodesRequest::default());
    let resolve = |name: &str| pb::ResolveNutsRequest { name: name.into() };
    bench!("resolve a name", resolve_nuts, resolve("Bærum"));
    bench!("resolve a slip", resolve_nuts, resolve("Kristiandsand"));
}

criterion_group!(benches, lists);
criterion_main!(benches);
