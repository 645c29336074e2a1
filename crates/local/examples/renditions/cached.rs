//! A rendition that was made before, beside an object of the same bytes.

use std::time::{Duration, Instant};

use tcloud_cos::Client;

use crate::connection::Connection;
use crate::{BUCKET, Outcome};

const PLAIN: &str = "plain";
const RENDITION: &str = "0?imageMogr2/thumbnail/640x";
/// The best of so many rounds counts.
const ROUNDS: u32 = 5;

/// Prints what `gets` of each take.
pub(crate) async fn compare(cos: &Client, port: u16, gets: u32) -> Outcome<()> {
    let mut connection = Connection::open(port).await?;
    let made = connection.get(RENDITION).await?.body;
    cos.put_object(BUCKET, PLAIN, made).send().await?;
    if !connection.get(RENDITION).await?.is_kept() {
        return Err("the rendition was made again".into());
    }
    let mut best = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        for (target, best) in [PLAIN, RENDITION].into_iter().zip(&mut best) {
            let began = Instant::now();
            for _ in 0..gets {
                connection.get(target).await?;
            }
            *best = (*best).min(began.elapsed() / gets);
        }
    }
    let [plain, kept] = best;
    let ratio = kept.as_secs_f64() / plain.as_secs_f64();
    println!("a GET takes {plain:?}, of a rendition that was made before {kept:?}: {ratio:.2}");
    Ok(())
}
