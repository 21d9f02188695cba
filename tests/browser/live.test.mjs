// `handbill serve` with a page open: what changes in the folder is seen, and nothing else moves.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { launch, open, watch } from './browser.mjs';
import { getsFocus, inaccessible, none } from './checks.mjs';
import { objections } from './running.mjs';

const program = resolve(import.meta.dirname ?? '.', '../../target/debug/handbill');
const words = 'The water was low and the gauge was dry. '.repeat(30);

let browser;
let folder;
let port;
let base;
let served;

before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), 'handbill-live-'));
  for (let minute = 10; minute < 40; minute += 1) {
    write(`notes/outbox/2026-10-01T10-${minute}-00Z-m${minute}.md`, `Message ${minute}. ${words}`);
  }
  write('mira/inbox/2026-11-24T08-02-11Z-kvpe.md', 'Look.');
  write('mira/outbox/2026-11-20T10-00-00Z-hello.md', 'Hello.');
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  ({ port } = probe.address());
  probe.close();
  base = `http://localhost:${port}/`;
  await start();
});
after(async () => {
  await stop();
  await browser.close();
  rmSync(folder, { recursive: true });
});

function write(path, text) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

async function start() {
  served = spawn(program, ['serve', folder, '--port', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  for await (const bytes of served.stderr) {
    said += bytes;
    if (said.includes('serving')) break;
  }
  assert.match(said, /serving/);
}

async function stop() {
  if (served.exitCode !== null) return;
  served.kill('SIGINT');
  await once(served, 'exit');
}

/** Opens a page and waits until it listens; `objections` are what it did that it should not have done. */
async function listen(path) {
  const page = await open(browser);
  const watcher = await watch(page, base);
  await page.goto(base + path);
  await page.waitForFunction(() => [...document.body.children].some((element) => element.shadowRoot && !element.hidden));
  await page.evaluate(() => { globalThis.mark = 'not loaded again'; });
  return {
    page,
    stays: () => page.evaluate(() => globalThis.mark === 'not loaded again'),
    shows: (text) => page.waitForFunction((text) => document.querySelector('main').innerText.includes(text), text),
    objections: () => objections(watcher),
    says: (text) => page.locator('section.open', { hasText: text }).waitFor(),
    silent: () => page.locator('section.open').waitFor({ state: 'detached' }),
  };
}

/** The first message of the notes that begins in view, and where. */
const inView = (page) => page.evaluate(() => {
  const links = [...document.querySelectorAll('main a[href*="2026-10-01"]')];
  const first = links.find((link) => link.getBoundingClientRect().top >= 0);
  return [first.getAttribute('href'), Math.round(first.getBoundingClientRect().top)];
});

describe('live reload', () => {
  test('a new message comes, and the reader stays where he was', async () => {
    const { page, shows, objections } = await listen('notes/index.html');
    await page.evaluate(() => scrollTo(0, 1500));
    const before = await inView(page);
    write('notes/outbox/2026-11-23T10-00-00Z-flood.md', `Flood. ${words}`);
    await shows('Flood.');
    await page.waitForFunction(() => document.readyState === 'complete');
    // Until the browser has done with its own idea of the place.
    await page.waitForTimeout(500);
    // Places have parts of pixels, and positions of scrolling have none.
    const after = await inView(page);
    assert.equal(after[0], before[0]);
    assert.ok(Math.abs(after[1] - before[1]) <= 1, `it moved from ${before[1]} to ${after[1]}`);
    none(await objections());
    await page.context().close();
  });

  test('a page that did not change is not loaded again; what is open and has the focus is kept on one that did', async () => {
    const other = await listen('notes/2026-10-01T10-20-00Z-m20.html');
    const { page, shows } = await listen('mira/in/2026-11-24T08-02-11Z-kvpe.html');
    await page.locator('details').first().evaluate((details) => { details.open = true; });
    await page.locator('a[href$="feeds/index.html"]').focus();
    write('mira/inbox/2026-11-24T08-02-11Z-kvpe.md', 'Look again.');
    await shows('Look again.');
    // The text is there before the script that puts things back.
    await page.waitForFunction(() => document.querySelector('details').open);
    await getsFocus(page, 'a[href$="feeds/index.html"]');
    assert.equal(await other.stays(), true);
    await Promise.all([page.context().close(), other.page.context().close()]);
  });

  test('a style sheet is put in place without a reload', async () => {
    const { page, stays, objections } = await listen('index.html');
    for (const colour of ['rgb(1, 2, 3)', 'rgb(4, 5, 6)']) {
      write('theme/assets/style.css', `body { background: ${colour} }`);
      await page.waitForFunction((colour) => getComputedStyle(document.body).backgroundColor === colour, colour);
    }
    await page.waitForFunction(() => document.querySelectorAll('link[rel=stylesheet][href*="assets/"]').length === 2);
    rmSync(join(folder, 'theme'), { recursive: true });
    await page.waitForFunction(() => getComputedStyle(document.body).backgroundColor !== 'rgb(4, 5, 6)');
    assert.equal(await stays(), true);
    none(await objections());
    await page.context().close();
  });

  test('what is being written is not lost: the page offers to load', async () => {
    const { page, says, shows } = await listen('mira/in/2026-11-24T08-02-11Z-kvpe.html');
    await page.evaluate(() => document.querySelector('main').append(document.createElement('textarea')));
    await page.locator('textarea').fill('Half a sen');
    write('mira/inbox/2026-11-24T08-02-11Z-kvpe.md', 'Look a third time.');
    await says('This page has changed');
    assert.equal(await page.locator('textarea').inputValue(), 'Half a sen');
    await page.getByRole('button', { name: 'Load it now' }).click();
    await shows('Look a third time.');
    await page.context().close();
  });

  test('a page of a message that is deleted tells of it, and one that was missing comes', async () => {
    const path = 'notes/2026-11-23T14-00-00Z-late';
    const source = path.replace('/', '/outbox/');
    const page = await open(browser);
    await page.goto(`${base}${path}.html`);
    write(`${source}.md`, 'Later than late.');
    await page.waitForFunction(() => document.body.innerText.includes('Later than late.'));
    rmSync(join(folder, `${source}.md`));
    await page.locator('body.page-deleted').waitFor();
    assert.equal(await page.getByText('Later than late.').count(), 0);
    assert.deepEqual(await inaccessible(page), []);
    await page.context().close();
  });

  test('a page that is gone says so', async () => {
    const source = 'notes/outbox/2024-01-05T14-00-00Z-long-ago.md';
    write(source, 'Long ago.');
    const month = await open(browser);
    await month.goto(`${base}notes/2024-01/`);
    await month.waitForFunction(() => document.body.innerText.includes('Long ago.'));
    await month.context().close();
    const { page, says } = await listen('notes/2024-01/');
    rmSync(join(folder, source));
    await says('no longer part of the site');
    await page.context().close();
  });

  test('problems are shown, can be closed by key, and go', async () => {
    const { page, says, silent } = await listen('index.html');
    write('notes/outbox/2026-11-23T16-00-00Z-odd.md', '+++\ntitle = \n+++\nOdd.');
    await says('1 problem');
    assert.equal(await page.getByText('odd.md').isVisible(), false);
    await page.getByText('1 problem').click();
    await page.getByText('odd.md').waitFor();
    assert.deepEqual(await inaccessible(page), []);
    await page.getByRole('button', { name: 'Close' }).focus();
    await page.keyboard.press('Escape');
    await silent();
    rmSync(join(folder, 'notes/outbox/2026-11-23T16-00-00Z-odd.md'));
    write('mira/outbox/2026-11-23T16-00-00Z-odd.md', '+++\ntitle = \n+++\nOdd.');
    await says('mira/outbox');
    rmSync(join(folder, 'mira/outbox/2026-11-23T16-00-00Z-odd.md'));
    await silent();
    await page.context().close();
  });

  test('a page outlives the server, and catches up with the next one', async () => {
    const same = await listen('notes/2026-10-01T10-20-00Z-m20.html');
    const { page, says, shows } = await listen('mira/in/2026-11-24T08-02-11Z-kvpe.html');
    await stop();
    await says('connection');
    write('mira/inbox/2026-11-24T08-02-11Z-kvpe.md', 'While you were out.');
    await start();
    await shows('While you were out.');
    await same.silent();
    assert.equal(await same.stays(), true);
    await Promise.all([page.context().close(), same.page.context().close()]);
  });
});
