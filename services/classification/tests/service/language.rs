use proto::ErrorCode;
use proto::classification as pb;
use tonic::Request;

use crate::server::{Server, refused};

fn accepting<T>(message: T, header: &'static str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("accept-language", header.parse().unwrap());
    request
}

fn english<T: Default>() -> Request<T> {
    accepting(T::default(), "en")
}

fn developer(language: &str) -> pb::GetStyrkCodeRequest {
    pb::GetStyrkCodeRequest { code: "2512".into(), language: language.into() }
}

#[tokio::test]
async fn labels_come_in_the_language_the_caller_accepts_unless_one_is_asked_for() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    for (header, asked, expected) in [
        ("en-GB,en;q=0.9,nb;q=0.1", "", "en"),
        ("nb;q=0.2, en;q=0.7", "", "en"),
        ("nn-NO,en;q=0.9", "", "nb"),
        ("de", "", "nb"),
        ("en", "nb", "nb"),
        ("nb", "EN", "en"),
    ] {
        let answer = client.get_styrk_code(accepting(developer(asked), header)).await.unwrap();
        assert_eq!(answer.metadata().get("content-language").unwrap(), expected, "{header} {asked}");
        let detail = answer.into_inner().data.unwrap();
        assert_eq!(detail.name == "Software developers", expected == "en", "{header} {asked}");
        assert_eq!(detail.language, None);
    }
    refused(
        client.get_styrk_code(accepting(developer("de"), "en")),
        ErrorCode::InvalidParameterType,
        "language",
        "de",
    )
    .await;
    server.stop().await;
}

#[tokio::test]
async fn every_answer_with_labels_says_its_language() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let said = |metadata: &tonic::metadata::MetadataMap| {
        metadata.get("content-language").map(|value| value.to_str().unwrap().to_owned())
    };
    let code = pb::GetCpvCodeRequest { code: "48000000".into(), ..Default::default() };
    let search = pb::SearchClassificationsRequest { q: "software".into(), ..Default::default() };
    let languages = [
        said(client.list_cpv_categories(english()).await.unwrap().metadata()),
        said(client.list_cpv_codes(english()).await.unwrap().metadata()),
        said(client.get_cpv_code(accepting(code, "en")).await.unwrap().metadata()),
        said(client.get_cpv_stats(english()).await.unwrap().metadata()),
        said(client.list_styrk_codes(english()).await.unwrap().metadata()),
        said(client.search_classifications(accepting(search, "en")).await.unwrap().metadata()),
        said(client.batch_get_labels(english()).await.unwrap().metadata()),
    ];
    assert!(languages.iter().all(|language| language.as_deref() == Some("en")), "{languages:?}");
    let geography = client.list_nuts_codes(english()).await.unwrap();
    assert_eq!(said(geography.metadata()), None, "official names have no language");
    server.stop().await;
}
