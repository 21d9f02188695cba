// With scripts off, and on paper.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, open, settled, watch } from './browser.mjs';
import { at, follow, misprinted, none, unreadable } from './checks.mjs';
import { selectors } from './expected.mjs';
import { address, editions, readSite, sample } from './site.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

for (const edition of editions) {
  describe(edition, () => {
    const site = readSite(edition);
    const pages = sample(site).filter(({ kind }) => kind !== '404');

    test('with scripts off, pages of every kind show their heading and their text', async () => {
      for (const { path } of pages) {
        // Each in a browser that has seen no other: of the sizes of a picture Chromium begins with the one that it
        // has, and lets go of it where another fits better.
        const page = await open(browser, { javaScriptEnabled: false });
        const watcher = await watch(page, site.base);
        await page.goto(address(site.base, path));
        await settled(page);
        none(at(path, [...await watcher.take(), ...await unreadable(page)]));
        assert.ok(await page.locator(`${selectors.contact}, ${selectors.unfold}`).filter({ visible: true }).count() > 0,
          `${path} shows its navigation`);
        await page.context().close();
      }
    });

    test('with scripts off, one gets from home to a contact, to a message and to the older one', async () => {
      const page = await open(browser, { javaScriptEnabled: false });
      const watcher = await watch(page, site.base);
      await page.goto(address(site.base, 'index.html'));
      const visited = [];
      for (const selector of [selectors.contact, selectors.permalink, selectors.older]) {
        await follow(page, selector);
        none(await unreadable(page));
        const path = decodeURIComponent(page.url().slice(site.base.length));
        visited.push(site.pages.find((known) => known.path === path)?.kind);
      }
      assert.deepEqual(visited, ['contact', 'message', 'message']);
      none(await watcher.take());
      await page.context().close();
    });

    test('on paper, pages of every kind have their text and no navigation', async () => {
      const page = await open(browser);
      for (const { path } of pages) {
        await page.goto(address(site.base, path));
        none(at(path, await misprinted(page)));
      }
      await page.context().close();
    });
  });
}
