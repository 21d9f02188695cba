// Pictures as large as the window, by keyboard, from the disk.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, open, watch } from './browser.mjs';
import { none } from './checks.mjs';
import { address, editions, readSite } from './site.mjs';

const several = 'benches/2018-08-19T18-00-07Z-six-from-the-summer.html';
const large = 'corrections/2026-11-01T10-15-00Z-the-water-let-out.html';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

for (const edition of editions) {
  describe(edition, () => {
    const site = readSite(edition);
    let page;
    let watcher;
    before(async () => {
      page = await open(browser);
      watcher = await watch(page, site.base);
    });
    after(async () => none(await watcher.take()));

    const shown = () => page.evaluate(() => {
      const strip = document.querySelector('.lightbox div');
      return strip && Math.round(strip.scrollLeft / strip.clientWidth);
    });
    const reaches = (place) => page.waitForFunction((wanted) => {
      const strip = document.querySelector('.lightbox div');
      return Math.abs(strip.scrollLeft / strip.clientWidth - wanted) < 0.01;
    }, place);

    test('Enter on a picture shows it, arrows walk, Esc gives the focus back', async () => {
      await page.goto(address(site.base, several));
      const link = page.locator('a.picture').nth(2);
      await link.focus();
      await page.keyboard.press('Enter');
      await page.locator('dialog.lightbox[open]').waitFor();
      assert.equal(await shown(), 2);
      await page.keyboard.press('ArrowRight');
      await reaches(3);
      await page.keyboard.press('ArrowLeft');
      await reaches(2);
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
      assert.ok(await link.evaluate((element) => element === document.activeElement));
    });

    test('the buttons walk and close', async () => {
      await page.goto(address(site.base, several));
      await page.locator('a.picture').first().click();
      await page.getByRole('button', { name: 'Next picture' }).click();
      await reaches(1);
      await page.getByRole('button', { name: 'Picture before' }).click();
      await reaches(0);
      await page.getByRole('button', { name: 'Close' }).click();
      await page.locator('dialog').waitFor({ state: 'detached' });
    });

    test('on a narrow screen a smaller version is loaded, and the place for it is kept', async () => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.goto(address(site.base, large));
      const picture = page.locator('a.picture img');
      const before = (await picture.boundingBox()).height;
      await picture.scrollIntoViewIfNeeded();
      await page.waitForFunction(() => document.querySelector('a.picture img').currentSrc.includes('/_/pictures/480/'));
      await picture.evaluate((image) => image.decode());
      assert.equal((await picture.boundingBox()).height, before);
    });
  });
}

test('without scripts the link leads to the picture', async () => {
  const site = readSite('public');
  const page = await open(browser, { javaScriptEnabled: false });
  await page.goto(address(site.base, large));
  const href = await page.locator('a.picture').getAttribute('href');
  await page.locator('a.picture').click();
  assert.ok(decodeURI(page.url()).endsWith(href.replace('../', '/')));
});
