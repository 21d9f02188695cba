// The other theme and the other language: the same checks, each page opened once for all of them; and
// every look, the usual one too, as `handbill serve` sends it.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, open, watch } from './browser.mjs';
import {
  at, deadLinks, fits, focused, getsFocus, inaccessible, linksOf, loadPictures, misprinted, none, shifted, unreadable,
  unseenFocus, walkThrough,
} from './checks.mjs';
import { looks, narrow, wide } from './expected.mjs';
import { objections, serveExample } from './running.mjs';
import { serve } from './serve.mjs';
import { address, editions, expectedKinds, readSite, sample } from './site.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** Takes the tasks from a list until it is empty, two at a time: there are two cores. */
async function both(tasks, work) {
  const queue = [...tasks];
  const worker = async () => {
    const page = await open(browser);
    for (let next = queue.shift(); next; next = queue.shift()) await work(page, next);
    await page.context().close();
  };
  await Promise.all([worker(), worker()]);
}

/** What axe says of a page: wide and light, then narrow and dark. Leaves it wide and light. */
async function inBothLooks(page) {
  const found = [];
  for (const [viewport, colorScheme] of [[wide, 'light'], [narrow, 'dark']]) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    found.push(...at(`${viewport.width} px ${colorScheme}`, await inaccessible(page)));
  }
  await page.setViewportSize(wide);
  await page.emulateMedia({ colorScheme: 'light' });
  return found;
}

/** Presses Tab until what the selector finds has the focus; every stop on the way must be seen. */
async function tabTo(page, selector) {
  const wanted = page.locator(selector).first();
  for (let step = 0; step < 200; step += 1) {
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

for (const [look, { ownTemplates, language, says }] of Object.entries(looks)) {
  for (const edition of editions) {
    describe(`${look}, ${edition}`, () => {
      const site = readSite(`${look}/${edition}`);
      const sampled = sample(site);
      const fromDisk = (pages) => pages.filter(({ kind }) => kind !== '404');

      test('there are pages of every expected kind and of no other', () => {
        assert.deepEqual([...new Set(site.pages.map(({ kind }) => kind))].sort(), expectedKinds(edition));
      });

      test('from the disk: no complaint, nothing from elsewhere, the width, the sizes, the links', async () => {
        const found = [];
        const seen = new Map();
        const wanted = fromDisk(ownTemplates ? site.pages : sampled);
        const watchers = new Map();
        await both(wanted, async (page, { path }) => {
          if (!watchers.has(page)) watchers.set(page, await watch(page, site.base));
          await page.goto(address(site.base, path));
          await loadPictures(page);
          found.push(...at(path, [...await shifted(page), ...await fits(page)]));
          seen.set(path, await linksOf(page));
          found.push(...at(path, await watchers.get(page).take()));
        });
        none([...found, ...deadLinks(seen, site.base, site.files)]);
        assert.equal(seen.size, wanted.length);
      });

      test('from a web server: axe finds nothing, and the words are of the language', async () => {
        const server = await serve(site);
        const found = [];
        try {
          await both(sampled, async (page, { path }) => {
            await page.goto(address(server.base, path));
            await loadPictures(page);
            assert.equal(await page.locator('html').getAttribute('lang'), language, path);
            assert.match(await page.locator('body').textContent(), says, path);
            found.push(...at(path, await inBothLooks(page)));
          });
        } finally {
          await server.close();
        }
        none(found);
      });

      if (!ownTemplates) return;

      test('on paper, pages of every kind have their text and no navigation', async () => {
        const found = [];
        await both(fromDisk(sampled), async (page, { path }) => {
          await page.goto(address(site.base, path));
          found.push(...at(path, [...await unreadable(page), ...await misprinted(page)]));
        });
        none(found);
      });

      test('Tab goes through pages in their order and is always seen', async () => {
        const found = [];
        const wanted = sampled.filter(({ name }) => ['home', 'contact', 'message', 'list', 'thread'].includes(name));
        assert.equal(wanted.length, 5);
        await both(wanted, async (page, { path }) => {
          await page.goto(address(site.base, path));
          found.push(...at(path, (await walkThrough(page)).objections));
        });
        none(found);
      });

      test('one reads by keyboard: from home to a message, to the older one, to the contents and to a contact', async () => {
        const page = await open(browser);
        const watcher = await watch(page, site.base);
        const kind = () => page.evaluate(() => document.body.className.split(' ')[0]);
        await page.goto(address(site.base, 'index.html'));
        await press(page, 'main .lines a');
        assert.equal(await kind(), 'page-message');
        const first = page.url();
        await press(page, 'main a[rel~="prev"]');
        assert.equal(await kind(), 'page-message');
        assert.notEqual(page.url(), first);
        await tabTo(page, 'header a[href="#contents"]');
        await page.keyboard.press('Enter');
        await page.keyboard.press('Tab');
        assert.ok(await page.evaluate(() => document.activeElement.closest('nav#contents') !== null), 'the contents have the focus');
        await press(page, 'nav#contents a');
        assert.equal(await kind(), 'page-contact');
        none(await watcher.take());
        await page.context().close();
      });
    });
  }
}

test('the pages of plain have no script', () => {
  for (const edition of editions) {
    for (const { path, html } of readSite(`plain/${edition}`).pages) assert.doesNotMatch(html, /<script/, path);
  }
});

const served = { default: { change: (settings) => settings, language: 'en', send: 'Send' }, ...looks };
for (const [look, { change, language }] of Object.entries(served)) {
  describe(`${look}, as handbill serves it`, () => {
    const kinds = sample(readSite(look === 'default' ? 'reader' : `${look}/reader`));
    let site;
    let page;
    let watcher;
    before(async () => {
      site = await serveExample(change);
      page = await open(browser);
      watcher = await watch(page, site.base);
    });
    after(async () => {
      await page.context().close();
      await site.stop();
    });
    const complaints = () => objections(watcher);

    test('pages of every kind are whole, and do nothing that they should not', async () => {
      for (const { path, kind } of kinds) {
        if (kind === '404') continue;
        await page.goto(address(site.base, path));
        await loadPictures(page);
        none(at(path, [...await complaints(), ...await unreadable(page)]));
        assert.equal(await page.locator('html').getAttribute('lang'), language, path);
      }
    });

    test('one writes, answers and deletes by keyboard', async () => {
      await page.goto(`${site.base}benches/`);
      await press(page, '.hb-write a');
      await getsFocus(page, '#text');
      await page.keyboard.type('Sat on it *twice*.');
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Control+Enter')]);
      assert.equal(await page.locator('.body em').textContent(), 'twice');
      const written = page.url();
      await press(page, '.hb-write a[href*="reply="]');
      await getsFocus(page, '#text');
      await page.keyboard.type('And again.');
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Control+Enter')]);
      assert.equal(await page.locator('a.u-in-reply-to').evaluate((link) => link.href), written);
      await press(page, '.hb-write a[href*="delete?"]');
      await press(page, '.hb-buttons .hb-send');
      assert.equal(page.url(), `${site.base}benches/`);
      none(await complaints());
    });

    test('axe finds nothing on the pages for writing, and they fit', async () => {
      await page.goto(`${site.base}benches/`);
      const message = await page.locator('.h-entry a.u-url').first().evaluate((link) => new URL(link.href).pathname.slice(1));
      const found = [];
      for (const path of ['compose?to=benches', 'compose', 'drafts?to=benches', `compose?reply=${message}`, `edit?page=${message}`, `delete?page=${message}`]) {
        await page.goto(`${site.base}_app/${path}`);
        found.push(...at(path, [...await inBothLooks(page), ...await fits(page)]));
        await page.setViewportSize(wide);
      }
      none(found);
      // Axe writes styles of its own into a page, and the policy of a page forbids that.
      await watcher.take();
    });

    test('writing works without scripts', async () => {
      const still = await open(browser, { javaScriptEnabled: false });
      await still.goto(`${site.base}_app/compose?to=benches`);
      await still.fill('#text', 'Still.');
      await Promise.all([still.waitForNavigation(), still.click('.hb-send')]);
      assert.match(new URL(still.url()).pathname, /-still-[a-z]{4}\.html$/);
      await still.context().close();
    });
  });
}
