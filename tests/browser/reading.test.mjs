// What is new, starred and muted: with the server, by which all browsers see the same, and without it.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { launch, open, watch } from './browser.mjs';
import { focused, inaccessible, none, sidewaysScroll, unseenFocus } from './checks.mjs';
import { narrow, wide } from './expected.mjs';
import { objections, published, serveExample } from './running.mjs';

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

const late = 'tansy/in/2013-03-03T10-00-00Z.html';
const today = 'second-rise/in/2026-11-20T10-00-00Z.html';

function arrive(path, text) {
  writeFileSync(join(site.folder, path), text);
}

/** Waits until the script has filled in what it does. */
const ready = (page) => page.locator('.star[aria-pressed]').first().waitFor({ state: 'attached' });

async function go(page, path) {
  await page.goto(site.base + path);
  await ready(page);
}

const count = (page, link) => page.locator(`.register a[href$="${link}"] .unread`);

describe('with the server', () => {
  let page;
  let other;
  let watchers;
  before(async () => {
    [page, other] = [await open(browser), await open(browser)];
    watchers = await Promise.all([page, other].map((one) => watch(one, site.base)));
    await go(page, '');
    assert.equal(await page.locator('.unread, .new-mark:visible').count(), 0, 'what was there is not new');
    arrive('tansy/inbox/2013-03-03T10-00-00Z.md', 'Late, by years.');
    arrive('second-rise/inbox/2026-11-20T10-00-00Z.md', 'Gannets on the gauge.');
    await published(site.base + late);
    await page.locator(`main a[href="${today}"]`).first().waitFor({ state: 'attached' });
  });
  after(async () => {
    for (const watcher of watchers) none(await objections(watcher));
    await page.context().close();
    await other.context().close();
  });

  test('what has arrived is marked and counted in words, not by colour alone, whatever its date', async () => {
    await go(page, '');
    assert.match(await count(page, 'second-rise/index.html').textContent(), /^1 new$/);
    assert.match(await count(page, 'tansy/index.html').textContent(), /^1 new$/);
    const article = page.locator('article', { has: page.locator(`a[href="${today}"]`) }).first();
    assert.equal(await article.locator('.new-mark').textContent(), 'new');
    assert.ok(await article.locator('.new-mark').isVisible());
    assert.match(await page.locator('.reading-bar').textContent(), /2 new/);
  });

  test('a message is read when its page is opened, and the other browser knows', async () => {
    await go(other, '');
    assert.equal(await count(other, 'tansy/index.html').count(), 1);
    await go(page, late);
    await count(page, 'tansy/index.html').waitFor({ state: 'detached' });
    await go(other, '');
    assert.equal(await count(other, 'tansy/index.html').count(), 0);
    assert.equal(await count(other, 'second-rise/index.html').count(), 1);
  });

  test('a contact is marked as read on its page, by keyboard', async () => {
    await go(page, 'second-rise/');
    const button = page.locator('.reading-bar button').first();
    assert.equal(await button.textContent(), 'Mark as read');
    await button.focus();
    none(unseenFocus(await focused(page)));
    await page.keyboard.press('Enter');
    await count(page, 'second-rise/index.html').waitFor({ state: 'detached' });
    assert.equal(await page.locator('.new-mark:visible').count(), 0);
    await go(other, 'second-rise/');
    assert.equal(await other.locator('.unread').count(), 0);
  });

  test('a star leads to the message from a page of its own, in the other browser', async () => {
    await go(page, '');
    const article = page.locator('article', { has: page.locator(`a[href="${today}"]`) }).first();
    await article.locator('.star').click();
    await article.locator('.star[aria-pressed="true"]').waitFor();
    await other.goto(`${site.base}_/reading/`);
    const link = other.locator('#stars a');
    assert.match(await link.textContent(), /Gannets on the gauge/);
    await Promise.all([other.waitForNavigation(), link.click()]);
    assert.equal(other.url(), site.base + today);
    await other.locator('.star[aria-pressed="true"]').waitFor();
  });

  test('a message with a muted word is folded behind a line that says so', async () => {
    await page.goto(`${site.base}_/reading/`);
    await page.locator('#word').fill('GANNETS');
    await page.keyboard.press('Enter');
    await page.locator('#words button').waitFor();
    await go(page, '');
    const article = page.locator('article', { has: page.locator(`a[href="${today}"]`) }).first();
    assert.equal(await article.locator('summary').textContent(), 'Folded: it holds “gannets”');
    assert.ok(!await article.locator('.body').isVisible());
    await article.locator('summary').click();
    assert.ok(await article.locator('.body').isVisible(), 'and not dropped');
    await page.goto(`${site.base}_/reading/`);
    await page.locator('#words button').click();
    await page.locator('#words button').waitFor({ state: 'detached' });
    await go(page, '');
    assert.equal(await page.locator('.folded').count(), 0);
  });

  test('a contact is muted in the settings, and no longer', async () => {
    await go(page, 'second-rise/');
    await page.locator('.reading-bar button', { hasText: 'Mute' }).click();
    await page.locator('.reading-bar button', { hasText: 'No longer mute' }).waitFor();
    assert.match(readFileSync(join(site.folder, 'handbill.toml'), 'utf8'), /\[contact\.second-rise\][^[]*mute = true/);
    await page.goto(`${site.base}_/reading/`);
    await page.locator('#muted button').click();
    await page.locator('#muted button').waitFor({ state: 'detached' });
  });

  test('all of it is accessible and fits, light and dark', async () => {
    arrive('tansy/inbox/2026-11-19T10-00-00Z.md', 'Two lamps.');
    // What axe puts into a page is no fault of the page, so this is one that nobody listens to.
    const page = await open(browser);
    await go(page, 'tansy/');
    await page.locator('a[href="../tansy/in/2026-11-19T10-00-00Z.html"]').first().waitFor({ state: 'attached' });
    arrive('tansy/inbox/2026-11-19T10-00-00Z.md', 'Three lamps.');
    const versions = `${site.base}_/versions/tansy/in/2026-11-19T10-00-00Z.html`;
    await page.locator('.edited a').first().waitFor();
    arrive('tansy/inbox/2026-11-21T10-00-00Z.md', 'A fourth.');
    await page.locator('a[href="../tansy/in/2026-11-21T10-00-00Z.html"]').first().waitFor({ state: 'attached' });
    for (const address of [site.base, `${site.base}tansy/`, `${site.base}_/reading/`, versions]) {
      await page.goto(address);
      await page.locator('.register .unread').first().waitFor({ state: 'attached' });
      for (const viewport of [wide, narrow]) {
        await page.setViewportSize(viewport);
        none(await sidewaysScroll(page));
        for (const colorScheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme });
          none((await inaccessible(page)).map((text) => `${address} ${viewport.width} ${colorScheme}: ${text}`));
        }
      }
    }
    assert.match(await page.locator('.changes').textContent(), /TwoThree lamps/);
    await page.context().close();
  });
});

describe('without the server', () => {
  let folder;
  let page;
  let watcher;
  let base;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'handbill-'));
    cpSync(join(site.folder, '_site/reader'), folder, { recursive: true });
    base = `${pathToFileURL(folder)}/`;
    page = await open(browser);
    watcher = await watch(page, base);
  });
  after(async () => {
    none(await watcher.take());
    await page.context().close();
    rmSync(folder, { recursive: true });
  });

  test('the browser keeps stars and words, from page to page', async () => {
    await page.goto(`${base}index.html`);
    await ready(page);
    assert.equal(await page.locator('.new-mark:visible').count(), 0, 'the first visit is where it begins');
    await page.locator('.star').first().click();
    await page.goto(`${base}_/reading/index.html`);
    assert.equal(await page.locator('#stars a').count(), 1);
    assert.ok(await page.locator('#kept-here').isVisible());
    await page.locator('#word').fill('lamps');
    await page.locator('#add-word button').click();
    await page.goto(`${base}tansy/index.html`);
    await ready(page);
    assert.match(await page.locator('.folded > summary').first().textContent(), /lamps/);
  });

  test('what is dated after one was here is new until it is opened or all is read', async () => {
    await page.evaluate(() => {
      const key = Object.keys(localStorage).find((name) => name.startsWith('handbill reading'));
      const state = JSON.parse(localStorage.getItem(key));
      localStorage.setItem(key, JSON.stringify({ ...state, words: [], since: { '': Date.parse('2026-11-18T00:00:00Z') } }));
    });
    await page.goto(`${base}tansy/index.html`);
    await ready(page);
    const marks = await page.locator('.new-mark:visible').count();
    assert.ok(marks >= 2);
    await page.goto(`${base}tansy/in/2026-11-21T10-00-00Z.html`);
    await ready(page);
    await page.goto(`${base}tansy/index.html`);
    await ready(page);
    assert.equal(await page.locator('article .new-mark:visible').count(), marks - 2, 'one message, and the count above');
    await page.locator('.reading-bar button').first().click();
    assert.equal(await page.locator('.new-mark:visible').count(), 0);
  });
});
