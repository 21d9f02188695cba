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
          await page.emulateMedia({ colorScheme: 'light' });
          await look(`${viewport.width} px`);
          await page.emulateMedia({ colorScheme: 'dark' });
          await look(`${viewport.width} px dark`, ofColour);
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

test('every accent can be read on every ground, in light, in dark and with more contrast', async () => {
  const site = readSite('reader');
  const server = await serve(site);
  const page = await open(browser);
  await page.goto(address(server.base, 'index.html'));
  for (const contrast of [null, 'more']) {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, contrast });
      const found = await page.evaluate(accents, contrast ? 7 : 4.5);
      none(found.map((objection) => `${colorScheme}${contrast ? ' with more contrast' : ''}: ${objection}`));
    }
  }
  await page.context().close();
  await server.close();
});

/** Runs in the page: what is too faint for text, and what for borders, by WCAG's ratio of contrast. */
function accents(least) {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const luminance = (colour) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((byte) => byte / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const objections = [];
  const hues = new Set();
  for (let number = 0; number < 18; number += 1) {
    const element = document.body.appendChild(document.createElement('p'));
    element.className = `accent-${number}`;
    const value = (name) => {
      element.style.color = `var(${name})`;
      return luminance(getComputedStyle(element).color);
    };
    hues.add(getComputedStyle(element).getPropertyValue('--h'));
    for (const ground of ['--paper', '--leaf', '--tint']) {
      for (const [ink, wanted] of [['--accent', least], ['--ink', least], ['--soft', least], ['--edge', 3]]) {
        const found = ratio(value(ink), value(ground));
        if (found < wanted) objections.push(`${ink} of accent ${number} on ${ground}: ${found.toFixed(2)}`);
      }
    }
    element.remove();
  }
  if (hues.size !== 18) objections.push(`${hues.size} accents differ, not 18`);
  return objections;
}
