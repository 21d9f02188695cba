// Makes the pictures of the README from the example, each in light and in dark: the reader's home page
// on a desk with a message on a phone; and a conversation, all contacts and a form for writing.
// Usage: tests/browser/screenshot [FOLDER]
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, open } from './browser.mjs';
import { loadPictures } from './checks.mjs';
import { serveExample } from './running.mjs';

const folder = process.argv[2];
const height = 860;
const desk = { viewport: { width: 1200, height } };
const phone = { viewport: { width: 390, height }, isMobile: true, hasTouch: true };
const sheets = {
  example: [
    { path: 'index.html', options: desk },
    { path: 'benches/2026-11-14T11-40-03Z-no-17.html', options: phone },
  ],
  'example-phone': [
    { path: 'tansy/index.html', options: phone },
    { path: 'subscriptions/index.html', options: phone },
    { path: '_app/compose?reply=second-rise/in/2026-11-12T05-20-00Z-back-door.html', options: phone },
    { path: 'corrections/index.html', options: phone },
  ],
};
const grounds = { light: '#e3e3e5', dark: '#2a2b2e' };
/** The day after the newest message, for scripts that say how long ago something was. */
const now = new Date('2026-11-16T08:00:00Z');
/** What a README may weigh. */
const heaviest = 150 * 1024;

/** A screen as it is when it has come to rest, in base64; the panel of the server is not part of it. */
async function screen(browser, url, options, colorScheme) {
  const page = await open(browser, { ...options, colorScheme });
  await page.clock.setFixedTime(now);
  await page.route('**/_app/live.js', (route) => route.abort());
  await page.goto(url);
  await loadPictures(page);
  await page.evaluate(() => document.activeElement?.blur());
  const png = await page.screenshot();
  await page.context().close();
  return png.toString('base64');
}

/** Screens side by side, as WebP, with as much loss as it takes to be light enough. */
async function together(browser, screens, widths, ground) {
  const gap = 20;
  const width = widths.reduce((sum, one) => sum + one + gap, gap);
  const sheet = await open(browser, { viewport: { width, height: height + 2 * gap } });
  await sheet.setContent(`<style>
    body { margin: 0; padding: ${gap}px; display: flex; gap: ${gap}px; background: ${ground}; }
    img { border-radius: 8px; box-shadow: 0 1px 4px #0006; }
  </style>${screens.map((data) => `<img src="data:image/png;base64,${data}">`).join('')}`);
  await loadPictures(sheet);
  const session = await sheet.context().newCDPSession(sheet);
  for (let quality = 90; quality >= 30; quality -= 10) {
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality });
    const bytes = Buffer.from(data, 'base64');
    if (bytes.length <= heaviest) {
      await sheet.context().close();
      return bytes;
    }
  }
  throw new Error(`no quality makes a picture of ${screens.length} screens light enough`);
}

const browser = await launch();
const site = await serveExample();
try {
  for (const [name, views] of Object.entries(sheets)) {
    for (const [scheme, ground] of Object.entries(grounds)) {
      const screens = [];
      for (const { path, options } of views) screens.push(await screen(browser, site.base + path, options, scheme));
      const bytes = await together(browser, screens, views.map(({ options }) => options.viewport.width), ground);
      const file = join(folder, `${name}${scheme === 'dark' ? '-dark' : ''}.webp`);
      writeFileSync(file, bytes);
      console.log(`${file}: ${Math.round(bytes.length / 1024)} KB`);
    }
  }
} finally {
  await site.stop();
  await browser.close();
}
