// Makes the picture of the README: the reader's home page on a desk and a message on a phone.
// Usage: tests/browser/screenshot [FILE.webp]
import { writeFileSync } from 'node:fs';
import { launch, open } from './browser.mjs';
import { loadPictures } from './checks.mjs';
import { address, readSite } from './site.mjs';

const file = process.argv[2];
const height = 860;
const views = [
  { path: 'index.html', options: { viewport: { width: 1150, height } } },
  {
    path: 'benches/2026-11-14T11-40-03Z-no-17.html',
    options: { viewport: { width: 390, height }, isMobile: true, hasTouch: true },
  },
];
/** The day after the newest message, for scripts that say how long ago something was. */
const now = new Date('2026-11-16T08:00:00Z');

const browser = await launch();
try {
  const site = readSite('reader');
  const pictures = [];
  for (const { path, options } of views) {
    const page = await open(browser, options);
    await page.clock.setFixedTime(now);
    await page.goto(address(site.base, path));
    await loadPictures(page);
    pictures.push((await page.screenshot()).toString('base64'));
    await page.context().close();
  }

  const sheet = await open(browser, { viewport: { width: 1600, height: height + 40 } });
  await sheet.setContent(`<style>
    body { margin: 0; padding: 20px; display: flex; gap: 20px; background: #e4e4e6; }
    img { border-radius: 8px; box-shadow: 0 1px 4px #0006; }
  </style>${pictures.map((data) => `<img src="data:image/png;base64,${data}">`).join('')}`);
  await loadPictures(sheet);
  const session = await sheet.context().newCDPSession(sheet);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
  const bytes = Buffer.from(data, 'base64');
  writeFileSync(file, bytes);
  console.log(`${file}: ${Math.round(bytes.length / 1024)} KB`);
} finally {
  await browser.close();
}
