// A page of twelve renditions in headless Chromium: it shows each in the size and in the colours that
// the rule in its address asks for.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import zlib from 'node:zlib';

import { Report } from '../node/report.mjs';

const require = createRequire(path.join(process.env.CLOUD_PACKAGES, 'package.json'));
const COS = require('cos-nodejs-sdk-v5');
const { chromium } = require('playwright-core');

const [WIDTH, HEIGHT] = [120, 80];
const RED = [220, 30, 30, 255];
const GREEN = [30, 180, 40, 255];
const BLUE = [40, 60, 210, 255];
const WHITE = [250, 250, 250, 255];
const BLACK = [0, 0, 0, 255];
const CLEAR = [0, 0, 0, 0];
const QUARTERS = [RED, GREEN, BLUE, WHITE];
// What compression with loss changes at most, in the middle of a plain part.
const TOLERANCE = 14;

// By the weights of ITU-R BT.709.
function gray([red, green, blue, alpha]) {
  const shade = Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  return [shade, shade, shade, alpha];
}

// Rule, size, and the colours in the middles of the four quarters: above, then below.
const RENDITIONS = [
  ['imageMogr2/thumbnail/60x', [60, 40], QUARTERS],
  ['imageMogr2/thumbnail/!150p', [180, 120], QUARTERS],
  ['imageView2/1/w/40/h/40', [40, 40], QUARTERS],
  ['imageMogr2/rotate/90', [80, 120], [BLUE, RED, WHITE, GREEN]],
  ['imageMogr2/flip/horizontal', [120, 80], [GREEN, RED, WHITE, BLUE]],
  ['imageMogr2/cut/60x40x60x0', [60, 40], [GREEN, GREEN, GREEN, GREEN]],
  ['imageMogr2/format/webp', [120, 80], QUARTERS],
  ['imageMogr2/format/jpg/quality/90', [120, 80], QUARTERS],
  ['imageMogr2/format/gif', [120, 80], QUARTERS],
  ['imageMogr2/grayscale/1', [120, 80], QUARTERS.map(gray)],
  ['imageMogr2/bright/-100', [120, 80], [BLACK, BLACK, BLACK, BLACK]],
  ['imageMogr2/iradius/30|imageMogr2/thumbnail/30x30', [30, 30], QUARTERS, CLEAR],
];

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const framed = Buffer.alloc(8 + body.length);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(zlib.crc32 ? zlib.crc32(body) : crc32(body), 4 + body.length);
  return framed;
}

// Older versions of Node have none.
function crc32(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** A picture of four quarters, without anything of the cloud under test. */
function picture() {
  const rows = [];
  for (let y = 0; y < HEIGHT; y += 1) {
    rows.push(Buffer.from([0]));
    for (let x = 0; x < WIDTH; x += 1) {
      const quarter = (y < HEIGHT / 2 ? 0 : 2) + (x < WIDTH / 2 ? 0 : 1);
      rows.push(Buffer.from(QUARTERS[quarter].slice(0, 3)));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', zlib.deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function page() {
  const pictures = RENDITIONS.map(([rule]) => `<img alt="${rule}" src="quarters.png?${rule}">`);
  return `<!doctype html><meta charset="utf-8"><title>Renditions</title>${pictures.join('\n')}`;
}

/** What the browser shows of each picture: its size, and the pixels at shares of its sides. */
function shown() {
  const at = [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75], [0, 0]];
  return Promise.all([...document.images].map(async (image) => {
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    const pixel = ([x, y]) => [
      ...context.getImageData(x * canvas.width, y * canvas.height, 1, 1).data,
    ];
    return { size: [canvas.width, canvas.height], pixels: at.map(pixel) };
  }));
}

function near(found, wanted, what) {
  const far = found.some((value, index) => Math.abs(value - wanted[index]) > TOLERANCE);
  assert.ok(!far, `${what}: ${found} and not ${wanted}`);
}

const report = new Report('browser');
const place = { Bucket: process.env.CLOUD_BUCKET, Region: process.env.CLOUD_REGION };
const cos = new COS({
  SecretId: process.env.CLOUD_SECRET_ID,
  SecretKey: process.env.CLOUD_SECRET_KEY,
  Protocol: 'http:',
  ConfCwd: process.env.CLOUD_SCRATCH,
  Proxy: `http://${process.env.CLOUD_ADDRESS}`,
});
const open = { ...place, ACL: 'public-read' };
await cos.putObject({ ...open, Key: 'page/quarters.png', Body: picture() });
const html = { Body: page(), ContentType: 'text/html; charset=utf-8' };
await cos.putObject({ ...open, Key: 'page/index.html', ...html });

// Whoever runs this in a container is root there, whom its sandbox does not let in.
const browser = await chromium.launch({
  executablePath: process.env.CLOUD_BROWSER,
  args: process.getuid() === 0 ? ['--no-sandbox'] : [],
});
let found = [];
await report.case('browser: the page loads', async () => {
  const tab = await browser.newPage();
  const broken = [];
  tab.on('response', (answer) => {
    if (answer.status() !== 200 && !answer.url().endsWith('/favicon.ico')) {
      broken.push(`${answer.status()} ${answer.url()}`);
    }
  });
  // By the bucket's host: by path it would be in a sandbox, where no picture may be read.
  const { port } = new URL(`http://${process.env.CLOUD_ADDRESS}`);
  const host = `${place.Bucket}.cos.${place.Region}.localhost:${port}`;
  await tab.goto(`http://${host}/page/index.html`);
  assert.deepEqual(broken, []);
  found = await tab.evaluate(shown);
  assert.equal(found.length, RENDITIONS.length);
});
for (const [index, [rule, size, colors, corner]] of RENDITIONS.entries()) {
  await report.case(`browser: ${rule}`, async () => {
    const { size: seen, pixels } = found[index];
    assert.deepEqual(seen, size);
    colors.forEach((color, quarter) => near(pixels[quarter], color, `quarter ${quarter}`));
    if (corner) near(pixels[4], corner, 'corner');
  });
}
await browser.close();
process.exit(report.finish());
