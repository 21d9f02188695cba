// Reading without a mouse, from the disk.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, open, watch } from './browser.mjs';
import { at, focused, none, unseenFocus, walkThrough } from './checks.mjs';
import { narrow, selectors, wide } from './expected.mjs';
import { address, editions, readSite, sample } from './site.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** Presses Tab until the element of the selector has the focus; every stop on the way must be seen. */
async function tabTo(page, selector) {
  const wanted = page.locator(selector).first();
  const stops = await page.locator('a, button, input, summary, [tabindex]').count();
  for (let step = 0; step <= stops; step += 1) {
    await page.keyboard.press('Tab');
    none(unseenFocus(await focused(page)));
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
  }
  assert.fail(`the focus never reaches ${selector}`);
}

for (const edition of editions) {
  describe(edition, () => {
    const site = readSite(edition);
    const home = address(site.base, 'index.html');
    let page;
    let watcher;
    before(async () => {
      page = await open(browser);
      watcher = await watch(page, site.base);
    });
    after(async () => none(await watcher.take()));

    test('the first Tab reaches the skip link, shows it, and Enter on it leads into the text', async () => {
      await page.goto(home);
      assert.equal(await page.locator(selectors.skip).first().evaluate((link) => {
        const box = link.getBoundingClientRect();
        return box.right > 0 && box.bottom > 0;
      }), false, 'it is out of the way until then');
      await page.keyboard.press('Tab');
      const skip = await focused(page);
      assert.ok(skip?.isSkip, `the skip link has the focus, not ${skip?.name}`);
      none(unseenFocus(skip));
      await page.keyboard.press('Enter');
      assert.equal(new URL(page.url()).hash, '#main');
      await page.keyboard.press('Tab');
      const next = await focused(page);
      assert.ok(next?.inMain, `the next stop is in the text, not ${next?.name}`);
    });

    const walks = sample(site).filter(({ kind }) => kind !== '404').map(({ name, path }) => ({ name, path, viewport: wide }));
    for (const { name, path, viewport } of [...walks, { name: 'narrow home', path: 'index.html', viewport: narrow }]) {
      test(`${name}: Tab goes through the page in its order, is always seen, and misses no link of the navigation`, async () => {
        await page.setViewportSize(viewport);
        await page.goto(address(site.base, path));
        const { path: stops, objections } = await walkThrough(page);
        none(at(path, objections));
        const links = await page.locator(selectors.navigation)
          .evaluateAll((elements) => elements.map((element) => element.getAttribute('href')));
        assert.ok(links.length > 0, 'there are links');
        const reached = new Set(stops.map(({ href }) => href));
        assert.deepEqual(links.filter((href) => !reached.has(href)), []);
      });
    }

    test('Enter on the date of a message opens it', async () => {
      await page.setViewportSize(wide);
      await page.goto(home);
      const href = await page.locator(selectors.permalink).first().evaluate((link) => link.href);
      await tabTo(page, selectors.permalink);
      await page.keyboard.press('Enter');
      await page.waitForURL(href);
      assert.equal(await page.locator(selectors.article).count(), 1);
    });

    test('how to subscribe opens and closes by key', async () => {
      await page.goto(address(site.base, site.pages.find(({ kind }) => kind === 'contact').path));
      const isOpen = () => page.locator(selectors.summary).evaluate((summary) => summary.parentElement.open);
      await tabTo(page, selectors.summary);
      assert.equal(await isOpen(), false);
      await page.keyboard.press('Enter');
      assert.equal(await isOpen(), true);
      await page.keyboard.press('Tab');
      assert.ok(await page.evaluate((summary) => document.activeElement !== document.querySelector(summary)
        && document.querySelector(summary).parentElement.contains(document.activeElement), selectors.summary),
      'Tab goes on into what it shows');
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Space');
      assert.equal(await isOpen(), false);
    });
  });
}
