//! The samples of the documents about pictures, sent to a cloud that listens, byte for byte but for
//! names of buckets: the answer has every node that the document's has.

use std::collections::BTreeSet;

use tcloud_local::{AuthMode, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::{BUCKET, REGION, bucket_host};
use crate::renditions::quarters;
use crate::sockets::{Served, status};

const STYLE: &str = "<AddStyle>
<StyleName>style_name</StyleName>
<StyleBody>imageMogr2/thumbnail/!50px</StyleBody>
</AddStyle>";
const STYLES: &str = "<StyleList>
<StyleRule>
<StyleName>style_name</StyleName>
<StyleBody>imageMogr2/thumbnail/!50px</StyleBody>
</StyleRule>
</StyleList>";
const HOTLINK: &str = "<Hotlink><Url>www.example.com</Url><Type>black</Type></Hotlink>";
const UPLOADED: &str = "<UploadResult><OriginalInfo><Key/><Location/><ETag/><ImageInfo><Format/>
<Width/><Height/><Quality/><Ave/><Orientation/></ImageInfo></OriginalInfo><ProcessResults><Object>
<Key/><Location/><Format/><Width/><Height/><Size/><Quality/><ETag/></Object></ProcessResults>
</UploadResult>";
const JOB: &str = "<Request>
    <Tag>PicProcess</Tag>
    <Input>
        <Object>input/deer.png</Object>
    </Input>
    <Operation>
        <PicProcess>
            <IsPicInfo>true</IsPicInfo>
            <ProcessRule>imageMogr2/rotate/90</ProcessRule>
        </PicProcess>
        <Output>
            <Region>ap-chongqing</Region>
            <Bucket>album-1250000000</Bucket>
            <Object>output/out.jpg</Object>
        </Output>
        <UserData>This is my data.</UserData>
    </Operation>
    <CallBack>http://callback.demo.com</CallBack>
    <CallBackFormat>JSON</CallBackFormat>
</Request>";
const JOBS: &str = "<Response><JobsDetail><Code/><Message/><JobId/><State/><CreationTime/>
<StartTime/><EndTime/><QueueId/><Tag/><Input><BucketId/><Object/><Region/></Input><Operation><Output>
<Region/><Bucket/><Object/></Output><PicProcess><IsPicInfo/><ProcessRule/></PicProcess><UserData/>
</Operation></JobsDetail></Response>";

/// The names of all elements of `document`.
fn nodes(document: &str) -> BTreeSet<String> {
    let parts = document.split('<').skip(1);
    parts
        .filter(|part| !part.starts_with(['/', '?', '!']))
        .map(|part| {
            let end = part.find(['>', '/', ' ']).unwrap_or(part.len());
            part[..end].to_owned()
        })
        .collect()
}

/// Sends `body` by the request `line` to the host of the service `service`, and returns the body of
/// a good answer.
async fn send(served: &Served, line: &str, service: &str, header: &str, body: &[u8]) -> String {
    let host = match service {
        "cos" => bucket_host(),
        other => format!("{BUCKET}.{other}.{REGION}.myqcloud.com"),
    };
    let mut stream = TcpStream::connect(("127.0.0.1", served.port))
        .await
        .unwrap();
    let head = format!(
        "{line} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n{header}Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(status(&answer).starts_with('2'), "{line}: {answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    body.to_owned()
}

#[track_caller]
fn has_all(answer: &str, documented: &str) {
    let answered = nodes(answer);
    let missing: Vec<_> = nodes(documented).difference(&answered).cloned().collect();
    assert!(missing.is_empty(), "{missing:?} are not in {answer}");
}

async fn served() -> Served {
    // Jobs wait: the address of the document's callback is not to be asked.
    let settings = Settings::default().auth(AuthMode::Lenient).workers(0);
    let served = Served::new(settings.default_region(REGION)).await;
    send(&served, "PUT /", "cos", "", b"").await;
    served
}

#[tokio::test]
async fn settings_are_set_and_told() {
    let served = served().await;
    send(&served, "PUT /?style", "pic", "", STYLE.as_bytes()).await;
    let asked = b"<GetStyle><StyleName>style_name</StyleName></GetStyle>";
    let told = send(&served, "GET /?style", "pic", "", asked).await;
    has_all(&told, STYLES);
    assert!(told.contains("imageMogr2/thumbnail/!50px"), "{told}");
    let gone = b"<DeleteStyle>\n<StyleName>style_name</StyleName>\n</DeleteStyle>";
    send(&served, "DELETE /?style", "pic", "", gone).await;

    send(&served, "PUT /?hotlink", "pic", "", HOTLINK.as_bytes()).await;
    let told = send(&served, "GET /?hotlink", "pic", "", b"").await;
    has_all(&told, "<Hotlink><Status/><Type/><Url/></Hotlink>");
    for (word, root) in [
        ("origin-protect", "OriginProtectStatus"),
        ("guetzli", "GuetzliStatus"),
    ] {
        send(&served, &format!("PUT /?{word}"), "pic", "", b"").await;
        let told = send(&served, &format!("GET /?{word}"), "pic", "", b"").await;
        assert!(told.contains(&format!("<{root}>on</{root}>")), "{told}");
        send(&served, &format!("DELETE /?{word}"), "pic", "", b"").await;
    }
}

#[tokio::test]
async fn rules_are_done_as_the_documents_show() {
    let served = served().await;
    let rules = r#"Pic-Operations: {"is_pic_info": 1, "rules": [{"fileid": "test.jpg", "rule": "imageMogr2/format/png"}]}"#;
    let header = format!("{rules}\r\n");
    let put = "PUT /filename.jpg";
    let uploaded = send(&served, put, "cos", &header, &quarters()).await;
    has_all(&uploaded, UPLOADED);
    assert!(uploaded.contains("<Key>test.jpg</Key>"), "{uploaded}");
    let post = "POST /filename.jpg?image_process";
    let processed = send(&served, post, "cos", &header, b"").await;
    has_all(&processed, UPLOADED);
    let info = send(&served, "GET /filename.jpg?imageInfo", "cos", "", b"").await;
    for member in ["format", "width", "height", "size", "md5", "photo_rgb"] {
        assert!(info.contains(&format!("\"{member}\"")), "{info}");
    }
    let average = send(&served, "GET /filename.jpg?imageAve", "cos", "", b"").await;
    assert!(average.contains("\"RGB\""), "{average}");
}

#[tokio::test]
async fn a_job_is_answered_as_the_documents_show() {
    let served = served().await;
    send(&served, "POST /picbucket", "ci", "", b"").await;
    for path in ["/pic_jobs", "/jobs"] {
        let line = format!("POST {path}");
        let header = "Content-Type: application/xml\r\n";
        let answer = send(&served, &line, "ci", header, JOB.as_bytes()).await;
        has_all(&answer, JOBS);
    }
}
