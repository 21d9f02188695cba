// What `watch` says of a page that is left while it still loads: that is no fault of the page, unless what it
// asked for is not there.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch, open, watch } from './browser.mjs';
import { none } from './checks.mjs';

const dot = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=', 'base64');
const pages = {
  '/present.html': '<img src="slow.png">',
  '/missing.html': '<img src="slow-gone.png">',
  '/stream.html': '<script>new EventSource("stream")</script>',
  '/other.html': '<p id="there">Other</p>',
};

let browser;
let server;
let base;
let page;
let watcher;
/** What pictures are answered with when their time has come, by address. */
const waiting = new Map();
let isAsked = () => {};

/** A server that lets those wait who ask for pictures, once: who asks again is answered. */
function answer({ url }, response) {
  const path = url.replace(/\?.*/, '');
  if (path === '/stream') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
    isAsked();
  } else if (path.endsWith('.png')) {
    const end = () => response.writeHead(path.includes('gone') ? 404 : 200, { 'Content-Type': 'image/png' }).end();
    if (waiting.has(url)) return end();
    waiting.set(url, end);
    isAsked();
  } else if (path === '/nothing') {
    response.writeHead(204).end();
  } else {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<!doctype html><link rel="icon" href="data:,">${pages[path] ?? ''}`);
  }
  return response;
}

before(async () => {
  browser = await launch();
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${server.address().port}/`;
});
after(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
});

function nextAsked() {
  return new Promise((resolve) => { isAsked = resolve; });
}

/** Opens a page and comes back when the server has been asked for what the page wants. */
async function begin(path) {
  waiting.clear();
  page = await open(browser);
  watcher = await watch(page, base);
  const asked = nextAsked();
  await page.goto(base + path, { waitUntil: 'commit' });
  await asked;
}

/** What is objected to in the end. */
async function end() {
  const objections = await watcher.take();
  await page.context().close();
  return objections;
}

const ways = {
  'an address': () => page.goto(`${base}other.html`),
  'an empty page': () => page.goto('about:blank'),
  'itself again': () => page.reload({ waitUntil: 'commit' }),
  'a link of its own': () => Promise.all([page.waitForURL(`${base}other.html`), page.evaluate(() => { location.href = 'other.html'; })]),
};

for (const [way, leave] of Object.entries(ways)) {
  describe(`a page that is left for ${way}`, () => {
    test('while a picture is on its way is not objected to', async () => {
      await begin('present.html');
      await leave();
      none(await end());
    });

    test('while a picture is awaited that is not there is objected to', async () => {
      await begin('missing.html');
      await leave();
      assert.ok((await end()).includes(`failed: ${base}slow-gone.png (not there when the page was left)`));
    });

    test('with a stream of events is not objected to', async () => {
      await begin('stream.html');
      await leave();
      none(await end());
    });
  });
}

describe('a request that is let go of while its page is there is objected to', () => {
  const letGo = async () => {
    const asked = nextAsked();
    await page.evaluate(() => {
      globalThis.controller = new AbortController();
      globalThis.answered = fetch('slow.png?fetched', { signal: controller.signal }).catch(() => {});
    });
    await asked;
    const told = page.waitForEvent('requestfailed', (request) => request.url().endsWith('?fetched'));
    await page.evaluate(() => { controller.abort(); });
    await told;
  };
  const objection = () => [`failed: ${base}slow.png?fetched (net::ERR_ABORTED)`];

  test('when nobody leaves', async () => {
    await begin('present.html');
    await letGo();
    assert.deepEqual(await end(), objection());
  });

  test('when one goes to a place on the same page', async () => {
    await begin('present.html');
    await page.goto(`${base}present.html#there`, { waitUntil: 'commit' });
    await letGo();
    assert.deepEqual(await end(), objection());
  });

  test('when the page is left afterwards', async () => {
    await begin('present.html');
    await letGo();
    await page.goto(`${base}other.html`);
    assert.deepEqual(await end(), objection());
  });

  test('when the page that was to come is none', async () => {
    await begin('present.html');
    const none = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/nothing'));
    await page.evaluate(() => { location.href = 'nothing'; });
    await none;
    await letGo();
    await page.goto(`${base}other.html`);
    assert.deepEqual(await end(), [`failed: ${base}nothing (net::ERR_ABORTED)`, ...objection()]);
  });

  test('when one stops loading', async () => {
    await begin('present.html');
    await page.evaluate(() => stop());
    assert.deepEqual(await end(), [`failed: ${base}slow.png (net::ERR_ABORTED)`]);
  });
});

describe('a page on the disk', () => {
  let folder;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'handbill-leaving-'));
    // Large enough that it is not read before the page is left, and of no size on the disk.
    writeFileSync(join(folder, 'slow.png'), dot);
    truncateSync(join(folder, 'slow.png'), 2 ** 29);
    writeFileSync(join(folder, 'index.html'), '<!doctype html><link rel="icon" href="data:,"><img src="slow.png">');
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Leaves it while the picture is read, and gives what is said of that. */
  async function leave(meanwhile) {
    const below = `${pathToFileURL(folder)}/`;
    page = await open(browser);
    watcher = await watch(page, below);
    const asked = page.waitForRequest((request) => request.url().endsWith('slow.png'));
    const letGo = page.waitForEvent('requestfailed');
    await page.goto(`${below}index.html`, { waitUntil: 'commit' });
    await asked;
    meanwhile();
    await page.goto('about:blank');
    await letGo;
    return end();
  }

  test('that is left while it reads a picture is not objected to', async () => {
    none(await leave(() => {}));
  });

  test('that is left while it reads a picture that is no more is objected to', async () => {
    assert.match((await leave(() => rmSync(join(folder, 'slow.png')))).join('\n'), /^failed: .*slow\.png \(not there when the page was left\)$/);
  });
});
