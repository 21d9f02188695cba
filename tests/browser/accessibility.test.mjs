// What axe finds on pages of every kind: WCAG 2.2 A and AA and its best practices, at both widths, in
// light and in dark.
import { after, before, describe, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { at, inaccessible, loadPictures, none } from './checks.mjs';
import { narrow, wide } from './expected.mjs';
import { serve } from './serve.mjs';
import { address, editions, readSite, sample } from './site.mjs';

/** The rules that a change of colours can break. */
const ofColour = ['color-contrast', 'link-in-text-block'];

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

for (const edition of editions) {
  describe(edition, () => {
    const site = readSite(edition);
    let server;
    let page;
    // From a server, for axe reads the style sheets, and those on the disk are closed to it.
    before(async () => {
      server = await serve(site);
      page = await open(browser);
    });
    after(() => server.close());

    for (const { name, path } of sample(site)) {
      test(`${name} is accessible, wide and narrow, light and dark`, async () => {
        const objections = [];
        await page.goto(address(server.base, path));
        await loadPictures(page);
        for (const viewport of [wide, narrow]) {
          await page.setViewportSize(viewport);
          for (const colorScheme of ['light', 'dark']) {
            await page.emulateMedia({ colorScheme });
            objections.push(...at(`${path} at ${viewport.width} px in ${colorScheme}`, await inaccessible(page)));
          }
        }
        for (const colorScheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme, contrast: 'more' });
          objections.push(...at(`${path} with more contrast in ${colorScheme}`, await inaccessible(page, ofColour)));
        }
        await page.emulateMedia({ colorScheme: 'light', contrast: null });
        none(objections);
      });
    }
  });
}
