// The editions on a web server: the public one below a path, where only relative links can work.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, open, watch } from './browser.mjs';
import { at, deadLinks, follow, linksOf, loadPictures, none, unreadable } from './checks.mjs';
import { selectors } from './expected.mjs';
import { serve } from './serve.mjs';
import { address, editions, readSite, sample } from './site.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

describe('public below /some/where/', () => {
  const site = readSite('public');
  let server;
  before(async () => { server = await serve(site, '/some/where/'); });
  after(() => server.close());

  test('pages of every kind are whole and ask for nothing above the path', async () => {
    const page = await open(browser);
    const watcher = await watch(page, server.base);
    for (const { path, kind } of sample(site)) {
      if (kind === '404') continue;
      await page.goto(address(server.base, path));
      await loadPictures(page);
      none(at(path, [...await watcher.take(), ...await unreadable(page)]));
      const rules = await page.evaluate(() => [...document.styleSheets].reduce((sum, sheet) => sum + sheet.cssRules.length, 0));
      assert.ok(rules > 20, `${path} has its styles`);
    }
    await page.context().close();
  });

  test('one gets from home to a contact, to a message and to the older one', async () => {
    const page = await open(browser);
    const watcher = await watch(page, server.base);
    await page.goto(`${server.base}index.html`);
    for (const selector of [selectors.contact, selectors.permalink, selectors.older]) await follow(page, selector);
    assert.equal(await page.locator(selectors.article).count(), 1);
    none(await watcher.take());
    await page.context().close();
  });
});

for (const edition of editions) {
  // At the root of the server, as the example's `base_url` and the reader edition's local address say.
  describe(`${edition} at the root`, () => {
    const site = readSite(edition);
    let server;
    before(async () => { server = await serve(site); });
    after(() => server.close());

    test('what is not there gets a whole page, however deep, with links that work', async () => {
      const missing = `${server.base}no/such/page.html`;
      const page = await open(browser);
      const watcher = await watch(page, server.base, missing);
      const response = await page.goto(missing);
      await page.waitForLoadState();
      assert.equal(response.status(), 404);
      none([...await watcher.take(), ...await unreadable(page)]);
      const links = await linksOf(page);
      // The link to its own text stays at the address that was asked for.
      links.links = links.links.filter(({ written }) => !written.startsWith('#'));
      none(deadLinks(new Map([['404.html', links]]), server.base, site.files));
      await page.locator(`${selectors.main} a`).first().click();
      await page.waitForURL(`${server.base}index.html`);
      none(await watcher.take());
      await page.context().close();
    });
  });
}
