// Pictures of the sampled pages, for people to look at: wide and as on a phone, light and dark.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, open } from './browser.mjs';
import { loadPictures } from './checks.mjs';
import { narrow, samples, wide } from './expected.mjs';
import { serve } from './serve.mjs';
import { address, editions, readSite, sample } from './site.mjs';

const folder = process.env.HANDBILL_PICTURES;
const devices = {
  desktop: { viewport: wide },
  phone: { viewport: narrow, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};
/** The names that `sample` gives to what `expected.mjs` names. */
const named = new Set(samples.map(({ kind, name }) => `${kind}-${name}`));
/** Chromium draws nothing below 16384 pixels of its screen. */
const tallest = 16384;

/** By Chromium's own command, which can be told to take less time over packing the picture. */
async function wholePage(page, session, scale) {
  const [width, height] = await page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.scrollingElement;
    return [scrollWidth, scrollHeight];
  });
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'png',
    optimizeForSpeed: true,
    captureBeyondViewport: true,
    clip: { x: 0, y: 0, width, height: Math.min(height, Math.floor(tallest / scale)), scale },
  });
  return Buffer.from(data, 'base64');
}

let browser;
before(async () => {
  // Pictures of pages that are no more would be taken for pictures of pages that are.
  mkdirSync(folder, { recursive: true });
  readdirSync(folder).filter((name) => name.endsWith('.png')).forEach((name) => rmSync(join(folder, name)));
  browser = await launch();
});
after(() => browser.close());

for (const edition of editions) {
  describe(edition, () => {
    const site = readSite(edition);
    let server;
    before(async () => { server = await serve(site); });
    after(() => server.close());

    for (const [device, options] of Object.entries(devices)) {
      test(`every sampled page is as wide as the ${device} that shows it`, async () => {
        const page = await open(browser, options);
        const session = await page.context().newCDPSession(page);
        const { viewport, deviceScaleFactor = 1 } = options;
        for (const { name, path } of sample(site)) {
          await page.goto(address(server.base, path));
          await loadPictures(page);
          // The messages that are there for what they contain differ little in the dark.
          for (const colorScheme of named.has(name) ? ['light'] : ['light', 'dark']) {
            await page.emulateMedia({ colorScheme });
            const png = await wholePage(page, session, deviceScaleFactor);
            writeFileSync(join(folder, `${edition}-${name}-${device}-${colorScheme}.png`), png);
            // The width in the head of a PNG; a phone zooms out until it has all of a page that is too wide.
            assert.equal(png.readUInt32BE(16), viewport.width * deviceScaleFactor, `${name} in ${colorScheme}`);
          }
        }
        await page.context().close();
      });
    }
  });
}
