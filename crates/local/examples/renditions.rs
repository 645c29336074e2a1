//! What pictures that are processed while they are read cost: a GET of one that was made before beside
//! a plain GET, and many clients that ask for different ones at once. A release build says something:
//!
//! `cargo run --release -p tcloud-local --example renditions`
//!
//! It ends with an error if a request fails or more memory is taken than the settings allow.

use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_cos::Client;
use tcloud_imaging::{Format, Picture, Quality};
use tcloud_local::{AuthMode, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const BUCKET: &str = "album-1250000000";
const CLIENTS: usize = 64;
const PICTURES: usize = 4;
const GETS: u32 = 2_000;
const MEBIBYTE: u64 = 1024 * 1024;
/// For all pictures together.
const MEMORY: u64 = 256 * MEBIBYTE;
/// What the process takes besides: the pictures of this program, the store, threads, the allocator.
const REST: u64 = 256 * MEBIBYTE;

#[tokio::main]
async fn main() -> Outcome<()> {
    let settings = Settings::default()
        .auth(AuthMode::Off)
        .picture_memory(MEMORY);
    let cloud = LocalCloud::start(settings).await?;
    let config = Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
        .transport(cloud.transport())
        .build()?;
    let cos = Client::new(&config);
    cos.put_bucket(BUCKET).send().await?;
    for number in 0..PICTURES {
        let photo = photo(number)?;
        cos.put_object(BUCKET, format!("{number}.jpg"), photo)
            .send()
            .await?;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let server = tokio::spawn(async move { cloud.serve(listener).await });

    let rendition = "0.jpg?imageMogr2/thumbnail/640x";
    let made = Connection::open(port).await?.get(rendition).await?;
    cos.put_object(BUCKET, "plain.jpg", made).send().await?;
    let mut connection = Connection::open(port).await?;
    let mut times = [("plain.jpg", Duration::MAX), (rendition, Duration::MAX)];
    for _ in 0..5 {
        for (target, best) in &mut times {
            let began = Instant::now();
            for _ in 0..GETS {
                connection.get(target).await?;
            }
            *best = (*best).min(began.elapsed() / GETS);
        }
    }
    let [(_, plain), (_, cached)] = times;
    let ratio = cached.as_secs_f64() / plain.as_secs_f64();
    println!("a GET of {plain:?}, of a rendition that was made before {cached:?}: {ratio:.2}");

    let before = peak()?;
    let began = Instant::now();
    let clients = (0..CLIENTS).map(|client| {
        tokio::spawn(async move {
            let target = format!(
                "{}.jpg?imageMogr2/thumbnail/{}x",
                client % PICTURES,
                300 + client
            );
            Connection::open(port).await?.get(&target).await?;
            Outcome::Ok(began.elapsed())
        })
    });
    let clients: Vec<_> = clients.collect();
    let (mut waited, mut failed) = (Vec::new(), 0);
    for client in clients {
        match client.await? {
            Ok(time) => waited.push(time),
            Err(error) => {
                println!("{error}");
                failed += 1;
            }
        }
    }
    waited.sort();
    let median = waited.get(waited.len() / 2).copied().unwrap_or_default();
    let last = waited.last().copied().unwrap_or_default();
    let most = peak()?;
    println!(
        "{CLIENTS} clients at once: {failed} failed, the median after {median:.1?}, the last after \
         {last:.1?}; {} MiB before, {} MiB at most, of {} MiB",
        before / MEBIBYTE,
        most / MEBIBYTE,
        (MEMORY + MEMORY / 4 + REST) / MEBIBYTE,
    );
    server.abort();
    if failed > 0 || most > MEMORY + MEMORY / 4 + REST {
        return Err("a request failed, or too much memory was taken".into());
    }
    Ok(())
}

/// A picture of 12 megapixels, as a JPEG file.
fn photo(number: usize) -> Outcome<Vec<u8>> {
    let (width, height) = (4000, 3000);
    let mut data = Vec::with_capacity(width * height * 3);
    let mut grain = 7_u32;
    for y in 0..height {
        for x in 0..width {
            grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let shade = (x / 23 + y / 17 + number * 40) ^ (x / 97 * (y / 89));
            let noise = usize::try_from(grain >> 29)?;
            data.extend(
                [shade, shade / 2 + 60, 255 - shade % 256]
                    .map(|it| u8::try_from((it + noise) % 256).unwrap_or_default()),
            );
        }
    }
    let picture = Picture::from_rgb(u32::try_from(width)?, u32::try_from(height)?, data)?;
    Ok(picture.encode(Format::Jpeg, Quality::default())?)
}

/// The most memory that this process has had, in bytes.
fn peak() -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("the system does not say")?.parse::<u64>()? * 1024)
}

/// A connection that stays open.
struct Connection(BufReader<TcpStream>);

impl Connection {
    async fn open(port: u16) -> Outcome<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// The body of the answer to a GET, which has to be a success.
    async fn get(&mut self, target: &str) -> Outcome<Vec<u8>> {
        let head = format!("GET /{BUCKET}/{target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        self.0.get_mut().write_all(head.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await?);
        }
        let head = String::from_utf8(head)?.to_ascii_lowercase();
        let mut lines = head.lines();
        let length = lines.find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.ok_or("no length")?.parse()?];
        self.0.read_exact(&mut body).await?;
        if !head.starts_with("http/1.1 200") {
            return Err(format!("{target}: {head}{}", String::from_utf8_lossy(&body)).into());
        }
        Ok(body)
    }
}
