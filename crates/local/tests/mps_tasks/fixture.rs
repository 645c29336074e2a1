//! A local cloud with two buckets, clients of it, and pictures that an independent library makes.

use std::io::Cursor;
use std::time::Duration;

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use tcloud_core::call::{CallOptions, Reply};
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::error::Error;
use tcloud_core::future::BoxFuture;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};
use tcloud_mps::operation::describe_image_task_detail::DescribeImageTaskDetailResponse;
use tcloud_mps::operation::process_image::ProcessImageRequest;
use tcloud_mps::types::{CosInputInfo, ImageTaskInput, MediaInputInfo};

/// The bucket that pictures are read from and, unless told otherwise, written to.
pub(crate) const BUCKET: &str = "bucket-test-1250000000";
pub(crate) const REGION: &str = "ap-shanghai";
/// Another one, elsewhere.
pub(crate) const OTHER_BUCKET: &str = "results-1250000000";
pub(crate) const OTHER_REGION: &str = "ap-beijing";

pub(crate) const RED: Rgb<u8> = Rgb([230, 20, 20]);
pub(crate) const BLUE: Rgb<u8> = Rgb([20, 20, 230]);

pub(crate) struct Fixture {
    cos: tcloud_cos::Client,
    mps: tcloud_mps::Client,
    cloud: LocalCloud,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let cloud = LocalCloud::start(settings).await.unwrap();
        let config = Config::builder()
            // The cloud itself is to refuse what is out of bounds.
            .check_limits(false)
            .region(REGION)
            .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
            .transport(cloud.transport())
            .build()
            .unwrap();
        let cos = tcloud_cos::Client::new(&config);
        cos.put_bucket(BUCKET).send().await.unwrap();
        let elsewhere = CallOptions::new().region(OTHER_REGION);
        let other = cos.put_bucket(OTHER_BUCKET).options(elsewhere);
        other.send().await.unwrap();
        Self {
            cos,
            mps: tcloud_mps::Client::new(&config),
            cloud,
        }
    }

    pub(crate) const fn cloud(&self) -> &LocalCloud {
        &self.cloud
    }

    pub(crate) const fn cos(&self) -> &tcloud_cos::Client {
        &self.cos
    }

    pub(crate) const fn mps(&self) -> &tcloud_mps::Client {
        &self.mps
    }

    pub(crate) async fn put(&self, key: &str, content: impl Into<Bytes>) {
        let put = self.cos.put_object(BUCKET, key, content.into());
        put.send().await.unwrap();
    }

    /// The content of an object and its headers, if it is there.
    pub(crate) async fn get(&self, key: &str) -> Option<Stored> {
        self.get_from(BUCKET, REGION, key).await
    }

    pub(crate) async fn get_from(&self, bucket: &str, region: &str, key: &str) -> Option<Stored> {
        let get = self.cos.get_object(bucket, key);
        match get.options(CallOptions::new().region(region)).send().await {
            Ok(reply) => {
                let header = |name: &str| {
                    let value = reply.headers().get(name)?;
                    Some(value.to_str().unwrap().to_owned())
                };
                let (content_type, engine) = (header("content-type"), header("x-cos-meta-engine"));
                let content = reply.into_body().collect(usize::MAX).await.unwrap();
                Some(Stored {
                    content,
                    content_type,
                    engine,
                })
            }
            Err(error) => {
                assert_eq!(error.code(), Some("NoSuchKey"), "{error}");
                None
            }
        }
    }

    /// Submits `request` and returns the task's id.
    ///
    /// A request has room for all that can be asked for, so it does not travel in the future.
    pub(crate) fn submit(
        &self,
        request: ProcessImageRequest,
    ) -> BoxFuture<'_, Result<String, Error>> {
        let mut call = self.mps.process_image(request.input_info.unwrap());
        if let Some(task) = request.image_task {
            call = call.image_task(*task);
        }
        if let Some(storage) = request.output_storage {
            call = call.output_storage(storage);
        }
        if let Some(folder) = request.output_dir {
            call = call.output_dir(folder);
        }
        if let Some(path) = request.output_path {
            call = call.output_path(path);
        }
        Box::pin(async move {
            call.send()
                .await
                .map(|reply| reply.task_id.clone().unwrap())
        })
    }

    /// Waits for the end of a task and returns its detail, good or bad.
    pub(crate) async fn end_of(&self, task: &str) -> Reply<DescribeImageTaskDetailResponse> {
        // The wait judges, the detail tells.
        let _ = self
            .mps
            .wait_image_task(task)
            .interval(Duration::from_millis(10))
            .await;
        let detail = self
            .mps
            .describe_image_task_detail(task)
            .send()
            .await
            .unwrap();
        assert_eq!(detail.status.as_ref().unwrap().as_str(), "FINISH");
        detail
    }

    /// Runs a task to its good end and returns where the result lies.
    pub(crate) fn succeed(&self, request: ProcessImageRequest) -> BoxFuture<'_, String> {
        let submission = self.submit(request);
        Box::pin(async move { self.good_end(&submission.await.unwrap()).await })
    }

    async fn good_end(&self, task: &str) -> String {
        let detail = self.end_of(task).await;
        assert_eq!(detail.err_msg.as_deref(), Some(""), "{:?}", detail.message);
        let output = detail.image_process_task_result_set[0].output.as_ref();
        output.unwrap().path.clone().unwrap()
    }

    /// Runs a task to its bad end and returns code, number and message.
    pub(crate) fn fail(
        &self,
        request: ProcessImageRequest,
    ) -> BoxFuture<'_, (String, i64, String)> {
        let submission = self.submit(request);
        Box::pin(async move { self.bad_end(&submission.await.unwrap()).await })
    }

    async fn bad_end(&self, task: &str) -> (String, i64, String) {
        let error = self
            .mps
            .wait_image_task(task)
            .interval(Duration::from_millis(10))
            .await
            .unwrap_err();
        let detail = self.end_of(task).await.into_output();
        let (code, message) = (detail.err_msg.unwrap(), detail.message.unwrap());
        assert_eq!(error.code(), Some(code.as_str()));
        let [result] = detail.image_process_task_result_set.as_slice() else {
            panic!("there is one result for each task");
        };
        assert_eq!(result.status.as_ref().unwrap().as_str(), "FAIL");
        assert_eq!(result.err_msg.as_deref(), Some(code.as_str()));
        assert_eq!(result.message.as_deref(), Some(message.as_str()));
        assert_eq!(result.output, None);
        (code, detail.err_code.unwrap(), message)
    }
}

/// An object as it came back.
pub(crate) struct Stored {
    pub(crate) content: Bytes,
    pub(crate) content_type: Option<String>,
    pub(crate) engine: Option<String>,
}

impl Stored {
    /// The decoded picture, whose format is told by its first bytes.
    pub(crate) fn picture(&self) -> (ImageFormat, RgbImage) {
        let format = image::guess_format(&self.content).unwrap();
        (format, decode(&self.content))
    }
}

pub(crate) fn decode(content: &[u8]) -> RgbImage {
    image::load_from_memory(content).unwrap().into_rgb8()
}

/// A picture whose left half is red and whose right half is blue.
pub(crate) fn flag(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { RED } else { BLUE })
}

/// A picture with many colours.
pub(crate) fn gradient(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let share = |at: u32, of: u32| u8::try_from(at * 255 / of).unwrap();
        Rgb([
            share(x, width),
            share(y, height),
            share(x + y, width + height),
        ])
    })
}

pub(crate) fn encode(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgb8(picture.clone());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// Whether no sample differs from the other by more than `tolerance`.
pub(crate) fn is_near(found: Rgb<u8>, expected: Rgb<u8>, tolerance: u8) -> bool {
    let pairs = found.0.into_iter().zip(expected.0);
    pairs.into_iter().all(|(a, b)| a.abs_diff(b) <= tolerance)
}

/// The input that is the object `key`.
pub(crate) fn object(key: &str) -> MediaInputInfo {
    object_of(BUCKET, REGION, key)
}

pub(crate) fn object_of(bucket: &str, region: &str, key: &str) -> MediaInputInfo {
    MediaInputInfo::new("COS").cos_input_info(CosInputInfo::new(bucket, region, key))
}

/// A request to do `task` with `input`.
pub(crate) fn request(input: MediaInputInfo, task: ImageTaskInput) -> ProcessImageRequest {
    let mut request = ProcessImageRequest::new(input);
    request.image_task = Some(Box::new(task));
    request
}
