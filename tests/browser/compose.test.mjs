// Writing, answering and editing in the browser, without a mouse; and what other open pages see of it.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, open, watch } from './browser.mjs';
import { at, focused, getsFocus, inaccessible, none, sidewaysScroll, unseenFocus } from './checks.mjs';
import { narrow, wide } from './expected.mjs';
import { objections, serveExample } from './running.mjs';

let browser;
let site;
before(async () => {
  browser = await launch();
  site = await serveExample();
});
after(async () => {
  await browser.close();
  await site.stop();
});

/** Presses Tab until what the selector finds has the focus. */
async function tabTo(page, selector) {
  const wanted = page.locator(selector).first();
  for (let step = 0; step < 120; step += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
    none(unseenFocus(await focused(page)));
  }
  assert.fail(`the focus never reaches ${selector}`);
}

/** Presses a link or a button by key and waits for the page that comes of it. */
async function press(page, selector) {
  await tabTo(page, selector);
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
}

function inboxes(folder) {
  return readdirSync(folder, { recursive: true }).map((path) => join(folder, path))
    .filter((path) => /[/\\]inbox([/\\]|$)/.test(path))
    .map((path) => `${path} ${statSync(path).mtimeMs} ${statSync(path).size}`).sort();
}

function outbox(contact) {
  const folder = join(site.folder, contact, 'outbox');
  return readdirSync(folder).filter((name) => name.endsWith('.md')).map((name) => readFileSync(join(folder, name), 'utf8'));
}

describe('by keyboard alone', () => {
  let page;
  let watcher;
  let theirs;
  before(async () => {
    theirs = inboxes(site.folder);
    page = await open(browser);
    watcher = await watch(page, site.base);
  });
  after(async () => {
    none(await objections(watcher));
    assert.deepEqual(inboxes(site.folder), theirs, 'an inbox was written to');
    await page.context().close();
  });

  test('a message is written on the page of a channel, and shown on its own', async () => {
    await page.goto(`${site.base}benches/`);
    await press(page, '.hb-write a');
    await getsFocus(page, '#text');
    await page.keyboard.type('Sat on it *twice*. #gannet');
    await tabTo(page, '#tags');
    await page.keyboard.type('keyboard');
    await tabTo(page, '.hb-send');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    assert.match(page.url(), /\/benches\/[^/]+sat-on-it-twice-[a-z]{4}\.html$/);
    assert.equal(await page.locator('.body em').textContent(), 'twice');
    assert.equal(await page.locator('ul.tags').textContent().then((text) => text.trim()), '#keyboard');
    assert.equal(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('handbill writing')).length), 0, 'what was sent is not kept');
  });

  test('it is answered with Control and Enter', async () => {
    const answered = page.url();
    await press(page, '.hb-write a[href*="reply="]');
    assert.equal(await page.locator('#to').inputValue(), 'benches');
    assert.match(await page.locator('.answered').textContent(), /Sat on it twice/);
    await getsFocus(page, '#text');
    await page.keyboard.type('And once more.');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Control+Enter')]);
    assert.equal(await page.locator('.answered a').evaluate((link) => link.href), answered);
    assert.ok(outbox('benches').some((text) => text.includes('in_reply_to = "urn:uuid:')));
  });

  test('it is edited, and the page says so', async () => {
    await press(page, '.hb-write a[href*="edit?"]');
    await getsFocus(page, '#text');
    await page.keyboard.press('Control+End');
    await page.keyboard.type('Then it *rained*.');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Control+Enter')]);
    assert.equal(await page.locator('.body em').textContent(), 'rained');
    assert.ok(await page.locator('.signed .edited').isVisible());
  });

  test('it is deleted after it was asked for', async () => {
    const gone = page.url();
    await press(page, '.hb-write a[href*="delete?"]');
    await press(page, '.hb-buttons .hb-send');
    assert.equal(page.url(), `${site.base}benches/`);
    await page.goto(gone);
    assert.equal(await page.locator('body.page-deleted').count(), 1);
    assert.doesNotMatch(await page.textContent('body'), /rained/);
    await page.goto(`${site.base}benches/`);
  });
});

describe('the form', () => {
  let page;
  let watcher;
  before(async () => {
    page = await open(browser);
    watcher = await watch(page, site.base);
  });
  after(async () => {
    none(await objections(watcher));
    await page.context().close();
  });

  test('keeps what was typed, also when the page is left, until it is sent', async () => {
    await page.goto(`${site.base}_app/compose?to=corrections`);
    await page.fill('#text', 'Not lost.');
    await page.fill('#title', 'A title');
    await page.goto(`${site.base}corrections/`);
    await page.goto(`${site.base}_app/compose?to=corrections`);
    assert.equal(await page.inputValue('#text'), 'Not lost.');
    assert.equal(await page.inputValue('#title'), 'A title');
    assert.notEqual(await page.textContent('.hb-status'), '');
    await page.goto(`${site.base}_app/compose?to=benches`);
    assert.equal(await page.inputValue('#text'), '', 'it is kept for each contact');
    await page.goto(`${site.base}_app/compose?to=corrections`);
    await Promise.all([page.waitForNavigation(), page.click('.hb-send')]);
    await page.goto(`${site.base}_app/compose?to=corrections`);
    assert.equal(await page.inputValue('#text'), '');
  });

  test('shows the message as it will look, in a frame below', async () => {
    await page.fill('#text', '## Seen\n\nBefore it is *sent*. <script>alert(1)</script>');
    await page.click('[data-preview]');
    const frame = page.frameLocator('.hb-preview');
    await frame.locator('.body em').waitFor();
    assert.equal(await frame.locator('.body em').textContent(), 'sent');
    const serif = await page.evaluate(() => getComputedStyle(document.body).fontFamily);
    assert.equal(await frame.locator('body').evaluate((body) => getComputedStyle(body).fontFamily), serif, 'in the look of the theme');
    assert.equal(new URL(page.url()).pathname, '/_app/compose');
    assert.equal(await page.inputValue('#text').then((text) => text.slice(0, 7)), '## Seen');
  });

  test('takes files that are chosen, pasted and dropped, and lets go of them', async () => {
    const names = () => page.locator('.hb-files bdi').allTextContents();
    await page.setInputFiles('#files', [{ name: 'one.txt', mimeType: 'text/plain', buffer: Buffer.from('1') }]);
    await page.setInputFiles('#files', [{ name: 'two.txt', mimeType: 'text/plain', buffer: Buffer.from('2') }]);
    for (const type of ['paste', 'drop']) {
      await page.evaluate((kind) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['3'], `${kind}.txt`, { type: 'text/plain' }));
        const event = kind === 'paste'
          ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })
          : new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
        document.querySelector('#text').dispatchEvent(event);
      }, type);
    }
    assert.deepEqual(await names(), ['one.txt', 'two.txt', 'paste.txt', 'drop.txt']);
    await page.locator('.hb-files button').nth(1).click();
    assert.deepEqual(await names(), ['one.txt', 'paste.txt', 'drop.txt']);
    await Promise.all([page.waitForNavigation(), page.click('.hb-send')]);
    assert.deepEqual(await page.locator('.attachments bdi').allTextContents(), ['drop.txt', 'one.txt', 'paste.txt']);
  });

  test('comes back with the reason and all that was typed when it is refused', async () => {
    await page.goto(`${site.base}_app/compose`);
    await page.selectOption('#to', 'benches');
    await page.fill('#text', 'Typed.');
    await page.fill('#tags', '42');
    await watcher.take();
    await Promise.all([page.waitForNavigation(), page.click('.hb-send')]);
    assert.match(await page.textContent('[role="alert"]'), /42.*cannot be a tag/);
    assert.equal(await page.inputValue('#text'), 'Typed.');
    await page.fill('#tags', '');
    await Promise.all([page.waitForNavigation(), page.click('.hb-send')]);
    await page.goto(`${site.base}_app/compose`);
    assert.equal(await page.inputValue('#text'), '', 'once it is sent nothing of it is kept');
    // The browser writes an answer with 422 into the console.
    await watcher.take();
  });

  test('keeps an edit whose message was changed meanwhile, and shows both', async () => {
    await page.goto(`${site.base}corrections/`);
    const message = await page.locator('main article a:has(> time)').first().evaluate((link) => new URL(link.href).pathname.slice(1));
    const file = join(site.folder, message.replace('/', '/outbox/').replace(/html$/, 'md'));
    await page.goto(`${site.base}_app/edit?page=${message}`);
    await page.fill('#text', 'Mine, not saved.');
    await page.goto(`${site.base}corrections/`);
    writeFileSync(file, `${readFileSync(file, 'utf8')}\nTheirs.\n`);
    await page.goto(`${site.base}_app/edit?page=${message}`);
    assert.equal(await page.inputValue('#text'), 'Mine, not saved.');
    await watcher.take();
    await Promise.all([page.waitForNavigation(), page.click('.hb-send')]);
    await watcher.take();
    assert.match(await page.textContent('.hb-theirs pre'), /Theirs\.\n$/);
    assert.equal(await page.inputValue('#text'), 'Mine, not saved.');
    await Promise.all([page.waitForNavigation(), page.click('.hb-send')]);
    assert.equal(await page.locator('.body').textContent().then((text) => text.trim()), 'Mine, not saved.');
    await page.goto(`${site.base}_app/edit?page=${message}`);
    assert.match(await page.inputValue('#text'), /^\+\+\+[^]*Mine, not saved\.\n$/);
  });

  test('works without scripts', async () => {
    const plain = await open(browser, { javaScriptEnabled: false });
    await plain.goto(`${site.base}_app/compose?to=benches`);
    await plain.fill('#text', 'Plain.');
    await Promise.all([plain.waitForNavigation(), plain.click('.hb-send')]);
    assert.match(new URL(plain.url()).pathname, /-plain-[a-z]{4}\.html$/);
    await plain.context().close();
  });
});

describe('other open pages', () => {
  test('only one whose own file has changed loads again, and keeps its place', async () => {
    const context = (await open(browser, { viewport: { width: 1280, height: 500 } })).context();
    const [list, other] = [context.pages()[0], await context.newPage()];
    await other.goto(`${site.base}second-rise/`);
    await list.goto(`${site.base}benches/`);
    await list.evaluate(() => document.fonts.ready);
    const third = list.locator('main article').nth(3);
    await third.scrollIntoViewIfNeeded();
    await list.evaluate(() => { globalThis.mark = 'before'; });
    await other.evaluate(() => { globalThis.mark = 'before'; });
    const link = await third.locator('a:has(> time)').getAttribute('href');
    const top = () => list.locator(`main article:has(a[href="${link}"])`).first().evaluate((element) => Math.round(element.getBoundingClientRect().top));
    const before = await top();
    const reloaded = list.waitForEvent('load');
    writeFileSync(join(site.folder, 'benches/outbox/2026-11-20T10-00-00Z-news.md'), 'News from elsewhere.\n');
    await reloaded;
    await list.getByText('News from elsewhere.').first().waitFor();
    assert.equal(await list.evaluate(() => globalThis.mark), undefined, 'it was loaded again');
    await list.waitForFunction(() => document.readyState === 'complete');
    await list.waitForTimeout(200);
    assert.ok(Math.abs(await top() - before) <= 2, `the text moved from ${before} to ${await top()}`);
    assert.equal(await other.evaluate(() => globalThis.mark), 'before', 'another page was left alone');
    await context.close();
  });
});

describe('is accessible, wide and narrow, light and dark:', () => {
  const pages = {
    compose: '_app/compose?to=benches',
    'in which channel': '_app/compose',
    drafts: '_app/drafts?to=benches',
    contact: 'benches/',
  };
  for (const [name, path] of Object.entries(pages)) {
    test(name, () => isAccessible(() => path));
  }
  const own = async (page, action) => {
    await page.goto(`${site.base}benches/`);
    const message = await page.locator('main article a:has(> time)').first().evaluate((link) => new URL(link.href).pathname.slice(1));
    return `_app/${action}=${message}`;
  };
  for (const action of ['compose?reply', 'edit?page', 'delete?page']) {
    test(action, () => isAccessible((page) => own(page, action)));
  }
});

async function isAccessible(path) {
  const page = await open(browser);
  await page.goto(`${site.base}${await path(page)}`);
  const found = [];
  for (const viewport of [wide, narrow]) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      found.push(...at(`${viewport.width} px ${colorScheme}`, [...await inaccessible(page), ...await sidewaysScroll(page)]));
    }
  }
  none(found);
  await page.context().close();
}
