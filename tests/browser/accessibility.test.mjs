// What axe finds on pages of every kind: WCAG 2.2 A and AA and its best practices, at both widths, in
// light and in dark.
import { after, before, describe, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { inaccessible, loadPictures, none } from './checks.mjs';
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
        /** In which looks of the page axe objects, by objection: most are the same in all. */
        const found = new Map();
        const look = async (where, rules) => {
          for (const objection of await inaccessible(page, rules)) {
            found.set(objection, [...found.get(objection) ?? [], where]);
          }
        };
        await page.goto(address(server.base, path));
        await loadPictures(page);
        for (const viewport of [wide, narrow]) {
          await page.setViewportSize(viewport);
          for (const colorScheme of ['light', 'dark']) {
            await page.emulateMedia({ colorScheme });
            await look(`${viewport.width} px ${colorScheme}`);
          }
        }
        for (const colorScheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme, contrast: 'more' });
          await look(`${colorScheme} with more contrast`, ofColour);
        }
        await page.emulateMedia({ colorScheme: 'light', contrast: null });
        none([...found].map(([objection, looks]) => `${path}: ${objection} [${looks.join(', ')}]`));
      });
    }
  });
}
