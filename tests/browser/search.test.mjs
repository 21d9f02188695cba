// Searching: from the disk, with the server, without scripts; by words of several scripts, by filters, by
// keyboard, by address.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, open, settled, watch } from './browser.mjs';
import { focused, inaccessible, none, sidewaysScroll, unseenFocus } from './checks.mjs';
import { narrow, privateContacts, wide } from './expected.mjs';
import { objections, serveExample } from './running.mjs';
import { address, readSite } from './site.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const at = (site, fields) => `${address(site.base, 'search/index.html')}#${new URLSearchParams(fields)}`;
const titles = (page) => page.locator('#results h2').allTextContents();
const marks = (page) => page.locator('#results mark').allTextContents();

/** Opens a search, and waits until it has been looked through to the end, or as far as it goes at once. */
async function search(page, site, fields) {
  await settled(page);
  await page.goto('about:blank');
  await page.goto(at(site, fields));
  await page.locator('#found:not(:empty)').waitFor({ state: 'attached' });
}

describe('from the disk', () => {
  const site = readSite('reader');
  let page;
  let watcher;
  before(async () => {
    page = await open(browser);
    watcher = await watch(page, site.base);
  });
  after(async () => {
    await settled(page);
    none(await watcher.take());
  });

  // What is looked for, whether anything is found, and what is marked.
  for (const [q, marked] of [
    ['TIDE', /^tide/i], ['bénch', /^bench/i], ['zumurr', /^Zumurrud/], ['"the bench"', /^(the|bench)$/i],
    ['パン', /^パン$/], ['食パン', /^(食パン|食パ|パン)$/], ['يغرق', /^يغرق/], ['بحر', /^بحر/],
  ]) {
    test(`${q} is found and marked`, async () => {
      await search(page, site, { q });
      assert.ok((await titles(page)).length > 0);
      const found = await marks(page);
      assert.ok(found.length > 0 && found.every((mark) => marked.test(mark)), found.join(', '));
    });
  }

  test('the newest come first, and no message comes twice', async () => {
    await search(page, site, { q: 'bench' });
    const days = await page.locator('#results time').evaluateAll((all) => all.map((time) => time.dateTime));
    assert.ok(days.length > 10);
    assert.deepEqual(days, [...days].sort().reverse());
    const links = await page.locator('#results h2 a').evaluateAll((all) => all.map(({ href }) => href));
    assert.equal(new Set(links).size, links.length);
  });

  test('contact, kind, author, tag and year narrow it, with words or alone', async () => {
    const days = () => page.locator('#results time').evaluateAll((all) => all.map((time) => time.dateTime.slice(0, 4)));
    await search(page, site, { year: '2021' });
    assert.deepEqual([...new Set(await days())], ['2021']);
    await search(page, site, { kind: 'conversation' });
    const from = await page.locator('#results .from').allTextContents();
    assert.deepEqual([...new Set(from)], ['tansy']);
    await search(page, site, { contact: 'benches', q: 'map' });
    assert.ok((await titles(page)).length > 0);
    assert.deepEqual([...new Set(await page.locator('#results .from').allTextContents())], ['The Bench Register']);
    await search(page, site, { tag: 'night', kind: 'conversation' });
    assert.equal((await titles(page)).length, 1);
    await search(page, site, { q: '#night', author: 'fenella' });
    assert.ok((await titles(page)).length > 0);
    await search(page, site, { q: 'no such words anywhere' });
    assert.equal(await page.locator('#found').textContent(), 'Nothing found.');
  });

  test('what is offered as author and tag is what there is', async () => {
    await search(page, site, { q: 'bench' });
    await page.locator('#author').focus();
    await page.locator('#some-author option[value="Odo Pennywhistle-Brack"]').waitFor({ state: 'attached' });
    await page.locator('#tag').focus();
    await page.locator('#some-tags option[value="maps"]').waitFor({ state: 'attached' });
  });

  test('thirty are shown, and more when they are asked for', async () => {
    await search(page, site, { author: 'odo' });
    assert.equal((await titles(page)).length, 30);
    await page.locator('#more').click();
    await page.locator('#found', { hasText: 'Found: ' }).waitFor();
    assert.ok((await titles(page)).length > 30);
    assert.ok(await page.locator('#more').isHidden());
  });

  test('typing searches, the address says what for, and Back leads to the search before', async () => {
    await settled(page);
    await page.goto('about:blank');
    await page.goto(address(site.base, 'search/index.html'));
    await page.locator('#q').fill('fog');
    await page.keyboard.press('Enter');
    await page.locator('#results li').first().waitFor();
    assert.match(page.url(), /#q=fog&?/);
    await page.locator('#q').fill('lamp');
    await page.keyboard.press('Enter');
    await page.locator('#results mark', { hasText: /lamp/i }).first().waitFor();
    await settled(page);
    await page.goBack();
    await page.locator('#results mark', { hasText: /fog/i }).first().waitFor();
    assert.equal(await page.locator('#q').inputValue(), 'fog');
    // And from a message back to what was found.
    await page.locator('#results h2 a').first().click();
    await page.locator('article.single').waitFor();
    await settled(page);
    await page.goBack();
    await page.locator('#results mark', { hasText: /fog/i }).first().waitFor();
  });

  test('the arrow keys go through what was found, and a slash leads back', async () => {
    await search(page, site, { q: 'bench' });
    await page.locator('#q').focus();
    for (const step of [0, 1]) {
      await page.keyboard.press('ArrowDown');
      const place = await focused(page);
      none(unseenFocus(place));
      assert.ok(await page.locator('#results h2 a').nth(step).evaluate((link) => link === document.activeElement));
    }
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('/');
    assert.ok(await page.locator('#q').evaluate((field) => field === document.activeElement));
    assert.equal(await page.locator('#q').inputValue(), 'bench', 'and is not written');
  });

  test('what strangers write stays text', async () => {
    const tags = await page.locator('#results').evaluate((list) => [...new Set([...list.querySelectorAll('*')].map(({ tagName }) => tagName))]);
    assert.deepEqual(tags.sort(), ['A', 'BDI', 'H2', 'LI', 'MARK', 'P', 'SPAN', 'TIME']);
  });

  test('on this day: the years before, by the clock of the browser', async () => {
    const other = await open(browser);
    // The example has several messages of a twelfth of November.
    await other.addInitScript((now) => {
      const shift = Date.parse(now) - Date.now();
      const Real = Date;
      globalThis.Date = class extends Real {
        constructor(...given) { super(...given.length ? given : [Real.now() + shift]); }
        static now() { return Real.now() + shift; }
      };
    }, '2027-11-12T12:00:00Z');
    await other.goto(address(site.base, 'search/index.html'));
    await other.locator('#days li').first().waitFor();
    const days = await other.locator('#days time').evaluateAll((all) => all.map((time) => time.dateTime));
    assert.ok(days.length > 1 && days.every((one) => one.endsWith('-11-12') && one < '2027'), days.join());
    assert.ok(await other.locator('#day h2').first().isVisible());
    await other.locator('#q').fill('bench');
    await other.locator('#results li').first().waitFor();
    assert.ok(await other.locator('#day').isHidden());
    await other.context().close();
  });

  for (const [name, viewport] of Object.entries({ wide, narrow })) {
    test(`it is accessible and fits, ${name}, light and dark`, async () => {
      // Of its own, and not watched: axe itself asks for the style sheets, which the policy forbids.
      const other = await open(browser, { viewport });
      await search(other, site, { q: 'bench' });
      none(await sidewaysScroll(other));
      for (const colorScheme of ['light', 'dark']) {
        await other.emulateMedia({ colorScheme });
        none(await inaccessible(other));
      }
      await other.context().close();
    });
  }
});

test('the public edition finds nothing of a private contact', async () => {
  const site = readSite('public');
  const page = await open(browser);
  const watcher = await watch(page, site.base);
  for (const q of ['fog', 'bread', 'the']) {
    await search(page, site, { q });
    const links = await page.locator('#results h2 a').evaluateAll((all) => all.map(({ href }) => href));
    none(links.filter((href) => privateContacts.some((name) => href.includes(`/${name}/`))));
  }
  assert.equal(await page.locator('#day').count(), 0);
  none(await watcher.take());
  await page.context().close();
});

test('without scripts the page leads to the archive and the tags', async () => {
  const site = readSite('public');
  const page = await open(browser, { javaScriptEnabled: false });
  await page.goto(address(site.base, 'search/index.html'));
  assert.ok(await page.locator('#search').isHidden());
  await page.locator('main a', { hasText: 'Tags' }).click();
  assert.match(page.url(), /tags\/index\.html$/);
  await page.context().close();
});

test('with the server it works the same, under its policy', async () => {
  const site = await serveExample();
  const page = await open(browser);
  const watcher = await watch(page, site.base);
  await search(page, site, { q: 'tide' });
  assert.ok((await titles(page)).length > 5);
  none(await objections(watcher));
  await page.context().close();
  await site.stop();
});
