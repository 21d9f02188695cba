// Takes pictures of every kind of page, wide and as on a phone, light and dark.
// Usage: tests/browser/gallery [WORD …]: only pictures whose names contain one of the words.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changed, crowd, empty } from './bases.mjs';
import { launch, open } from './browser.mjs';
import { loadPictures } from './checks.mjs';
import { narrow, wide } from './expected.mjs';
import { serveFolder } from './running.mjs';
import { address, readFolder } from './site.mjs';

const folder = process.env.HANDBILL_PICTURES;
const words = process.argv.slice(2);
const looks = ['desktop', 'phone'].flatMap((device) => ['light', 'dark'].map((colorScheme) => ({ device, colorScheme })));
/** More of a page than this is more of the same. */
const tallest = 3600;

/** Pages by name, each the first whose path or whose mark-up matches. */
const wanted = {
  'reader-home': { edition: 'reader', path: /^index\.html$/ },
  'reader-channel': { edition: 'reader', path: /^corrections\/index/ },
  'reader-subscription': { edition: 'reader', path: /^second-rise\/index/ },
  'reader-conversation': { edition: 'reader', path: /^tansy\/index/ },
  'reader-empty-channel': { edition: 'reader', path: /^pigeonhole\/index/ },
  'message-short': { edition: 'reader', path: /not-for-that/ },
  'message-long': { edition: 'reader', path: /2014-03-02-the-map-is-wrong\.html/ },
  'message-pictures': { edition: 'reader', path: /six-from-the-summer\.html/ },
  'message-code': { edition: 'reader', kind: 'message', html: /<pre[^>]*><code/ },
  'message-table': { edition: 'reader', kind: 'message', html: /<table/ },
  'message-arabic': { edition: 'reader', kind: 'message', html: /<article[\s\S]* lang="ar"/ },
  'message-japanese': { edition: 'reader', kind: 'message', html: /<article[\s\S]* lang="ja"/ },
  'message-sound': { edition: 'reader', kind: 'message', html: /<audio / },
  'message-answered': { edition: 'reader', kind: 'message', html: /class="replies"/ },
  'message-private': { edition: 'reader', path: /^tansy\/.*drawing/ },
  deleted: { edition: 'reader', kind: 'deleted' },
  edited: { edition: 'reader', path: /2026-11-12T15-50-44Z-finished\.html/ },
  versions: { edition: 'reader', kind: 'versions' },
  thread: { edition: 'reader', kind: 'thread' },
  month: { edition: 'reader', path: /^archive\/2026-11\/index/ },
  year: { edition: 'reader', path: /^archive\/2026\/index/ },
  'contact-year': { edition: 'reader', path: /^corrections\/2026\/index/ },
  archive: { edition: 'reader', path: /^archive\/index/ },
  tags: { edition: 'reader', path: /^tags\/index/ },
  tag: { edition: 'reader', path: /^tags\/[^/]+\/index/ },
  feeds: { edition: 'reader', path: /^feeds\/index/ },
  subscriptions: { edition: 'reader', path: /^subscriptions\/index/ },
  conversations: { edition: 'reader', path: /^conversations\/index/ },
  reading: { edition: 'reader', path: /^_\/reading\/index/ },
  status: { edition: 'reader', path: /^status\/index/ },
  'public-home': { edition: 'public', path: /^index\.html$/ },
  'public-channel': { edition: 'public', path: /^corrections\/index/ },
  'public-message': { edition: 'public', path: /no-17\.html/ },
  'public-feeds': { edition: 'public', path: /^feeds\/index/ },
};

/** Takes the pictures of one page in all looks. */
async function take(browser, name, url, prepare = loadPictures) {
  for (const { device, colorScheme } of looks) {
    const file = `${name}-${device}-${colorScheme}.png`;
    if (words.length && !words.some((word) => file.includes(word))) continue;
    const phone = { viewport: narrow, isMobile: true, hasTouch: true };
    const page = await open(browser, { colorScheme, ...device === 'phone' ? phone : { viewport: wide } });
    await page.clock.setFixedTime(new Date('2026-11-26T08:00:00Z'));
    await page.goto(url);
    await prepare(page);
    const [width, height] = await page.evaluate(() => [document.documentElement.clientWidth, document.documentElement.scrollHeight]);
    await page.screenshot({ path: join(folder, file), fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(height, tallest) } });
    await page.context().close();
  }
}

/** The pages of `wanted` in a base folder that is built. */
async function pagesOf(browser, base) {
  const sites = Object.fromEntries(['reader', 'public'].map((edition) => [edition, readFolder(join(base, '_site', edition))]));
  for (const [name, { edition, path = /^/, kind, html = /^/ }] of Object.entries(wanted)) {
    const found = sites[edition].pages.find((page) => path.test(page.path) && (!kind || page.kind === kind)
      && html.test(page.html.slice(page.html.indexOf('<main'))));
    if (!found) throw new Error(`no page for "${name}"`);
    await take(browser, name, address(sites[edition].base, found.path));
  }
}

mkdirSync(folder, { recursive: true });
if (!words.length) readdirSync(folder).forEach((name) => rmSync(join(folder, name)));
const browser = await launch();
const bases = [changed(), crowd(), empty()];
const [example, many, none] = bases;
try {
  await pagesOf(browser, example.folder);
  await take(browser, 'crowd-home', address(readFolder(join(many.folder, '_site/reader')).base, 'index.html'));
  await take(browser, 'crowd-subscriptions', address(readFolder(join(many.folder, '_site/reader')).base, 'subscriptions/index.html'));
  for (const page of ['index', 'subscriptions/index', 'conversations/index', 'tags/index', 'status/index']) {
    await take(browser, `empty-${page.split('/')[0]}`, address(readFolder(join(none.folder, '_site/reader')).base, `${page}.html`));
  }
  const server = await serveFolder(example.folder);
  try {
    const text = 'A line with *emphasis*, for the picture.';
    await take(browser, 'served-home', server.base);
    await take(browser, 'served-missing', `${server.base}no/such/page.html`);
    await take(browser, 'served-message', `${server.base}benches/2026-11-14T11-40-03Z-no-17.html`);
    await take(browser, 'served-compose', `${server.base}_app/compose?to=benches`, (page) => page.locator('textarea').first().fill(text));
    await take(browser, 'served-edit', `${server.base}_app/edit?page=benches/2026-11-14T11-40-03Z-no-17.html`);
    await take(browser, 'served-drafts', `${server.base}_app/drafts?to=benches`);
    await take(browser, 'served-delete', `${server.base}_app/delete?page=benches/2026-11-14T11-40-03Z-no-17.html`);
  } finally {
    await server.stop();
  }
} finally {
  bases.forEach(({ remove }) => remove());
  await browser.close();
}
console.log(`${readdirSync(folder).length} pictures: target/browser/gallery/`);
